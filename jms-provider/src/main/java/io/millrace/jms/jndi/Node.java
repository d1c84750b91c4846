// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.naming.Context;

/** What a name can mean. */
sealed interface Node {

    /** The class that a listing tells. */
    String className();

    /** What follows {@code prefix} on the ways from this node to objects. */
    Stream<String> names(String prefix);

    /**
     * An object.
     *
     * @param property which binds it
     * @param value the property's, checked
     */
    record Administered(String property, Kind kind, String value) implements Node {
        @Override
        public String className() {
            return kind.type().getName();
        }

        @Override
        public Stream<String> names(String prefix) {
            return Stream.of(prefix);
        }
    }

    /** A context of names that properties bind. Changed only while the properties are read. */
    record Directory(SortedMap<String, Node> children) implements Node {
        Directory() {
            this(new TreeMap<>());
        }

        @Override
        public String className() {
            return Context.class.getName();
        }

        @Override
        public Stream<String> names(String prefix) {
            String below = prefix.isEmpty() ? "" : prefix + "/";
            return children.entrySet().stream()
                    .flatMap(child -> child.getValue().names(below + Names.escaped(child.getKey())));
        }

        /** A property that binds a name in here. */
        String someProperty() {
            for (Node child : children.values()) {
                if (child instanceof Administered object) {
                    return object.property();
                } else if (child instanceof Directory directory) {
                    return directory.someProperty();
                }
            }
            throw new IllegalStateException("A context without names was made");
        }
    }

    /** A context where every name of a log is bound, and none listed. */
    record Dynamic(Kind kind) implements Node {
        @Override
        public String className() {
            return Context.class.getName();
        }

        @Override
        public Stream<String> names(String prefix) {
            return Stream.of(prefix.isEmpty() ? "PHYSICAL" : prefix + "/PHYSICAL");
        }
    }
}
