// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import java.util.Collections;
import javax.naming.CompositeName;
import javax.naming.InvalidNameException;
import javax.naming.Name;
import javax.naming.NamingException;

/** Names as {@code javax.naming} wants them. */
final class Names {
    private Names() {}

    /** One component, written as a composite name. */
    static String escaped(String component) {
        try {
            return new CompositeName().add(component).toString();
        } catch (InvalidNameException e) {
            throw new IllegalStateException("A composite name refused a component", e);
        }
    }

    /** The components from one on, with slashes between them and nothing escaped. */
    static String plain(Name name, int from) {
        return String.join("/", Collections.list(name.getSuffix(from).getAll()));
    }

    /** Tells how far a name could be followed. */
    static <E extends NamingException> E unresolved(E problem, Name name, int from) {
        problem.setResolvedName(name.getPrefix(from));
        problem.setRemainingName(name.getSuffix(from));
        return problem;
    }
}
