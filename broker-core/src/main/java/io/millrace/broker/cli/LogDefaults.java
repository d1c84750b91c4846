// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static java.util.Map.entry;

import java.util.Map;

/**
 * How the broker's own process logs: with time stamps, to the standard error stream, the libraries only when something
 * is wrong. System properties given by the user win. A program that embeds the broker keeps its own settings: nothing of
 * this lies on the class path.
 */
final class LogDefaults {
    private static final String SIMPLE = "org.slf4j.simpleLogger.";

    /** The provider is named, without a line about it, so that a start does not open every jar to look for one. */
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            entry("slf4j.provider", "org.slf4j.simple.SimpleServiceProvider"),
            entry("slf4j.internal.verbosity", "WARN"),
            entry(SIMPLE + "showDateTime", "true"),
            entry(SIMPLE + "dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"),
            entry(SIMPLE + "showShortLogName", "true"),
            entry(SIMPLE + "log.org.apache.zookeeper", "error"),
            entry(SIMPLE + "log.org.apache.curator", "warn"),
            entry(SIMPLE + "log.org.apache.kafka", "warn"),
            entry(SIMPLE + "log.io.netty", "warn"));

    private LogDefaults() {}

    /** To be called before the first logger is made. */
    static void apply() {
        DEFAULTS.forEach((key, value) -> {
            if (System.getProperty(key) == null) {
                System.setProperty(key, value);
            }
        });
    }
}
