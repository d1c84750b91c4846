// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A list of classes that a {@link DeserializationPolicy} allows or denies. Immutable, safe for any thread.
 *
 * <p>A comma-separated list of class names ({@code com.acme.Order}), packages ({@code com.acme.*}) and packages with all
 * below them ({@code com.acme.**}), as in JEP 290; {@code *} for every class. The class of each object in the body
 * is looked for, with its superclasses; of an array that of its elements.
 */
final class AllowedClasses {
    private static final Pattern LEGAL = Pattern.compile("\\*|[\\p{L}\\p{N}_$]+(\\.[\\p{L}\\p{N}_$]+)*(\\.\\*{1,2})?");

    private final String list;
    private final List<String> patterns;

    private AllowedClasses(String list, List<String> patterns) {
        this.list = list;
        this.patterns = patterns;
    }

    /**
     * Reads a list; an empty one lists nothing.
     *
     * @throws IllegalArgumentException naming the entry that is no pattern
     */
    static AllowedClasses parse(String list) {
        List<String> patterns = Arrays.stream(list.split(",", -1))
                .map(String::trim)
                .filter(entry -> !entry.isEmpty())
                .toList();
        for (String pattern : patterns) {
            if (!LEGAL.matcher(pattern).matches()) {
                throw new IllegalArgumentException(
                        "\"" + pattern + "\" is neither a class name, a package (com.acme.*),"
                                + " a package with those below it (com.acme.**) nor *");
            }
        }
        return new AllowedClasses(list, patterns);
    }

    /** Whether the class with this binary name is listed. */
    boolean allows(String className) {
        for (String pattern : patterns) {
            if (matches(pattern, className)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, String className) {
        if (pattern.equals("*")) {
            return true;
        } else if (pattern.endsWith(".**")) {
            return className.startsWith(pattern.substring(0, pattern.length() - 2));
        } else if (pattern.endsWith(".*")) {
            int prefix = pattern.length() - 1;
            return className.startsWith(pattern.substring(0, prefix)) && className.indexOf('.', prefix) < 0;
        }
        return pattern.equals(className);
    }

    /** The list as it was given. */
    @Override
    public String toString() {
        return list;
    }
}
