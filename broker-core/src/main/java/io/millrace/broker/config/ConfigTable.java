// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.util.stream.Collectors;

/** Writes {@code docs/configuration.md} from the declared keys. */
public final class ConfigTable {
    private static final String HEAD = """
            # Configuration

            <!-- Made from BrokerConfigKeys.java; ConfigTableTest fails when it is stale and says how to make it again. -->

            A broker reads, each over the one before: the defaults below, one properties file (`--config FILE`), the
            environment, the command line (`--set key=value`, `--data`, `--port`). A key that is not known and a value out of
            its range stop the start with a sentence that says so. In the environment a key is written in capitals with
            `MILLRACE_` before it and `_` for each dot: `MILLRACE_LISTEN_PORT` is `listen.port`.

            | Key | Type | Unit | Default | Allowed | What it does |
            |---|---|---|---|---|---|
            """;

    private ConfigTable() {}

    /** The whole page, in Markdown. */
    public static String markdown() {
        return BrokerConfigKeys.all().stream().map(ConfigTable::row).collect(Collectors.joining("\n", HEAD, "\n"));
    }

    private static String row(ConfigKey<?> key) {
        String value = String.valueOf(key.defaultValue());
        return "| `%s` | %s | %s | %s | %s | %s |"
                .formatted(
                        key.name(),
                        key.type().label(),
                        key.unit(),
                        value.isEmpty() ? "(empty)" : "`" + value + "`",
                        key.type().range(),
                        key.doc());
    }
}
