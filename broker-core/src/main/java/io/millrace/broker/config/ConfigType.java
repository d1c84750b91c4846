// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How the text of a setting becomes a value, and which values are allowed. Immutable.
 *
 * @param <T> the value's type
 */
public sealed interface ConfigType<T> {

    Class<T> valueClass();

    /** What the documentation calls this type. */
    String label();

    /** The allowed values, as a person writes them. */
    String range();

    /** Throws {@link IllegalArgumentException} for a text outside {@link #range()}. */
    T parse(String text);

    /** A whole number from {@code min} to {@code max}, both included. */
    record IntType(int min, int max) implements ConfigType<Integer> {
        @Override
        public Class<Integer> valueClass() {
            return Integer.class;
        }

        @Override
        public String label() {
            return "int";
        }

        @Override
        public String range() {
            return max == Integer.MAX_VALUE ? min + " or more" : min + " to " + max;
        }

        @Override
        public Integer parse(String text) {
            int value = Integer.parseInt(text);
            if (value < min || value > max) {
                throw new IllegalArgumentException("out of range");
            }
            return value;
        }
    }

    /** A whole number from {@code min} to {@code max}, both included. */
    record LongType(long min, long max) implements ConfigType<Long> {
        @Override
        public Class<Long> valueClass() {
            return Long.class;
        }

        @Override
        public String label() {
            return "long";
        }

        @Override
        public String range() {
            return max == Long.MAX_VALUE ? min + " or more" : min + " to " + max;
        }

        @Override
        public Long parse(String text) {
            long value = Long.parseLong(text);
            if (value < min || value > max) {
                throw new IllegalArgumentException("out of range");
            }
            return value;
        }
    }

    /** {@code true} or {@code false}, nothing else. */
    record BooleanType() implements ConfigType<Boolean> {
        @Override
        public Class<Boolean> valueClass() {
            return Boolean.class;
        }

        @Override
        public String label() {
            return "boolean";
        }

        @Override
        public String range() {
            return "true or false";
        }

        @Override
        public Boolean parse(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("neither true nor false");
            };
        }
    }

    /** Where a group starts on a partition that it has not read yet. */
    record OffsetResetType() implements ConfigType<OffsetReset> {
        @Override
        public Class<OffsetReset> valueClass() {
            return OffsetReset.class;
        }

        @Override
        public String label() {
            return "string";
        }

        @Override
        public String range() {
            return "earliest, latest or by_duration: and an ISO-8601 duration";
        }

        @Override
        public OffsetReset parse(String text) {
            return OffsetReset.parse(text);
        }
    }

    /** Any text; {@code range} says in words what it should be. */
    record StringType(String range, boolean mayBeEmpty) implements ConfigType<String> {
        @Override
        public Class<String> valueClass() {
            return String.class;
        }

        @Override
        public String label() {
            return "string";
        }

        @Override
        public String parse(String text) {
            if (text.isEmpty() && !mayBeEmpty) {
                throw new IllegalArgumentException("empty");
            }
            return text;
        }
    }

    /** A file system path; a relative one counts from the working directory. */
    record PathType() implements ConfigType<Path> {
        @Override
        public Class<Path> valueClass() {
            return Path.class;
        }

        @Override
        public String label() {
            return "path";
        }

        @Override
        public String range() {
            return "a path";
        }

        @Override
        public Path parse(String text) {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("empty");
            }
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(e.getReason(), e);
            }
        }
    }

    /** A decimal number from {@code min} to {@code max}, both included. */
    record DoubleType(double min, double max) implements ConfigType<Double> {
        @Override
        public Class<Double> valueClass() {
            return Double.class;
        }

        @Override
        public String label() {
            return "double";
        }

        @Override
        public String range() {
            return min + " to " + max;
        }

        @Override
        public Double parse(String text) {
            double value = Double.parseDouble(text);
            if (!(value >= min && value <= max)) {
                throw new IllegalArgumentException("out of range");
            }
            return value;
        }
    }

    /** One of some words. */
    record ChoiceType(List<String> choices) implements ConfigType<String> {
        public ChoiceType {
            choices = List.copyOf(choices);
        }

        @Override
        public Class<String> valueClass() {
            return String.class;
        }

        @Override
        public String label() {
            return "string";
        }

        @Override
        public String range() {
            return String.join(", ", choices);
        }

        @Override
        public String parse(String text) {
            if (!choices.contains(text)) {
                throw new IllegalArgumentException("no such choice");
            }
            return text;
        }
    }

    /** One or several of some words, separated by commas. */
    record ListType(List<String> choices) implements ConfigType<String> {
        public ListType {
            choices = List.copyOf(choices);
        }

        @Override
        public Class<String> valueClass() {
            return String.class;
        }

        @Override
        public String label() {
            return "list";
        }

        @Override
        public String range() {
            return "one or several of " + String.join(", ", choices);
        }

        /** The words without blanks, separated by commas. */
        @Override
        public String parse(String text) {
            List<String> words = words(text);
            if (!choices.containsAll(words)) {
                throw new IllegalArgumentException("no such choice");
            }
            return String.join(",", words);
        }

        /** {@code list} with those of {@code added} that it does not have yet. */
        public String plus(String list, String added) {
            Set<String> words = new LinkedHashSet<>(words(list));
            words.addAll(words(added));
            return String.join(",", words);
        }

        /** {@code list} without those of {@code removed}; may be empty, which {@link #parse} refuses. */
        public String minus(String list, String removed) {
            Set<String> words = new LinkedHashSet<>(words(list));
            words.removeAll(words(removed));
            return String.join(",", words);
        }

        private static List<String> words(String text) {
            return text.isBlank() ? List.of() : List.of(text.strip().split("\\s*,\\s*", -1));
        }
    }
}
