// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import java.util.Map;

/**
 * How the broker's own process logs: with time stamps, to the standard error stream, the libraries only when something
 * is wrong. System properties given by the user win. A program that embeds the broker keeps its own settings: nothing of
 * this lies on the class path.
 */
final class LogDefaults {
    private static final String PREFIX = "org.slf4j.simpleLogger.";

    private static final Map<String, String> DEFAULTS = Map.of(
            "showDateTime", "true",
            "dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "showShortLogName", "true",
            "log.org.apache.zookeeper", "error",
            "log.org.apache.curator", "warn",
            "log.org.apache.kafka", "warn",
            "log.io.netty", "warn");

    private LogDefaults() {}

    /** To be called before the first logger is made. */
    static void apply() {
        DEFAULTS.forEach((key, value) -> {
            if (System.getProperty(PREFIX + key) == null) {
                System.setProperty(PREFIX + key, value);
            }
        });
    }
}
