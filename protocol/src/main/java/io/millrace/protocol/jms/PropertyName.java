// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import java.util.Locale;
import java.util.Set;

/** Which record headers can be properties (Jakarta Messaging 3.1, sections 3.5.1 and 3.8.1.1). */
final class PropertyName {
    private static final Set<String> RESERVED =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    private PropertyName() {}

    /** Whether the name is an identifier in the sense of message selectors. */
    static boolean isLegal(String name) {
        return !name.isEmpty()
                && Character.isJavaIdentifierStart(name.codePointAt(0))
                && name.codePoints().allMatch(Character::isJavaIdentifierPart)
                && !RESERVED.contains(name.toUpperCase(Locale.ROOT));
    }

    /** Whether a sender that is not a JMS provider may set it: the prefix JMS belongs to the specification. */
    static boolean isLegalForForeign(String name) {
        return isLegal(name) && !name.startsWith("JMS");
    }
}
