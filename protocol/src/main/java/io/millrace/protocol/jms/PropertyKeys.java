// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.Map;

/**
 * What selectors ask for, prepared once and shared by the {@link RecordFields} of many records: each name as it is encoded
 * and whether it can be a property. Grows with the names that are asked for. For one thread.
 */
public final class PropertyKeys {
    private final Map<String, Key> keys = new HashMap<>();

    /**
     * @param index counts the names from 0
     * @param encoded the name in UTF-8
     * @param legal whether it can be a property of a message
     * @param legalForForeign whether it can be one of a message that no JMS provider sent
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Key(int index, byte[] encoded, boolean legal, boolean legalForForeign) {}

    Key of(String name) {
        Key known = keys.get(name);
        if (known == null) {
            known = new Key(
                    keys.size(),
                    name.getBytes(UTF_8),
                    PropertyName.isLegal(name),
                    PropertyName.isLegalForForeign(name));
            keys.put(name, known);
        }
        return known;
    }

    int count() {
        return keys.size();
    }
}
