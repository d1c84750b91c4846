// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.util.List;

/**
 * A setting. Immutable.
 *
 * @param name what it is called in the file, in {@code --set} and, as {@link #environmentName()}, in the environment
 * @param type its values
 * @param unit the unit of the value, or empty
 * @param defaultValue the value when nobody sets one
 * @param doc what it does, in one sentence
 * @param <T> the value's type
 */
public record ConfigKey<T>(String name, ConfigType<T> type, String unit, T defaultValue, String doc) {

    /** The environment variable that overrides the file: {@code MILLRACE_LISTEN_PORT} for {@code listen.port}. */
    public String environmentName() {
        return ConfigLoader.environmentName(name);
    }

    /**
     * Throws {@link ConfigException} naming key, value and range when the text is not allowed.
     *
     * @param origin where the text stands, for the message
     */
    public T parse(String text, String origin) {
        try {
            return type.parse(text.strip());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "Bad value '%s' for %s (%s): allowed is %s%s"
                            .formatted(text, name, origin, type.range(), unit.isEmpty() ? "" : ", in " + unit),
                    e);
        }
    }

    static ConfigKey<Integer> ofInt(String name, int defaultValue, int min, int max, String unit, String doc) {
        return new ConfigKey<>(name, new ConfigType.IntType(min, max), unit, defaultValue, doc);
    }

    static ConfigKey<Long> ofLong(String name, long defaultValue, long min, long max, String unit, String doc) {
        return new ConfigKey<>(name, new ConfigType.LongType(min, max), unit, defaultValue, doc);
    }

    static ConfigKey<Boolean> ofBoolean(String name, boolean defaultValue, String doc) {
        return new ConfigKey<>(name, new ConfigType.BooleanType(), "", defaultValue, doc);
    }

    /** A text that may be empty; {@code range} says in words what it should be. */
    static ConfigKey<String> ofText(String name, String defaultValue, String range, String doc) {
        return new ConfigKey<>(name, new ConfigType.StringType(range, true), "", defaultValue, doc);
    }

    static ConfigKey<Double> ofDouble(
            String name, double defaultValue, double min, double max, String unit, String doc) {
        return new ConfigKey<>(name, new ConfigType.DoubleType(min, max), unit, defaultValue, doc);
    }

    /** One of {@code choices}. */
    static ConfigKey<String> ofChoice(String name, String defaultValue, List<String> choices, String doc) {
        return new ConfigKey<>(name, new ConfigType.ChoiceType(choices), "", defaultValue, doc);
    }

    /** One or several of {@code choices}, separated by commas. */
    static ConfigKey<String> ofList(String name, String defaultValue, List<String> choices, String doc) {
        return new ConfigKey<>(name, new ConfigType.ListType(choices), "", defaultValue, doc);
    }
}
