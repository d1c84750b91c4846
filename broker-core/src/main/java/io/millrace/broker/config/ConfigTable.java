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

    private static final String TOPIC_HEAD = """
        # Topic settings

        <!-- Made from TopicConfigKeys.java; ConfigTableTest fails when it is stale and says how to make it again. -->

        Kafka's names and meanings. A topic without a value of its own goes by the broker's setting in the last column
        (a JMS destination by the one behind the slash), else by the default. Changes act on the running topic.

        | Key | Type | Unit | Default | Allowed | What it does | Broker's setting |
        |---|---|---|---|---|---|---|
        """;

    private static final String GROUP_HEAD = """
        # Group settings

        <!-- Made from GroupConfigKeys.java; ConfigTableTest fails when it is stale and says how to make it again. -->

        Kafka's names and meanings (config resource GROUP, `kafka-configs --entity-type groups`). A group without a value
        of its own goes by the broker's setting in the last column, whose `group.share.min...` and `group.share.max...`
        bound what a group may set; else by the default. Changes act on the running group.

        | Key | Type | Unit | Default | Allowed | What it does | Broker's setting |
        |---|---|---|---|---|---|---|
        """;

    private ConfigTable() {}

    /** The page of the groups' settings, in Markdown. */
    public static String groupMarkdown() {
        return GroupConfigKeys.all().stream()
                .map(key -> row(key.key())
                        + (key.brokerKey() == null ? "" : " `" + key.brokerKey().name() + "`") + " |")
                .collect(Collectors.joining("\n", GROUP_HEAD, "\n"));
    }

    /** The page of the topics' settings, in Markdown. */
    public static String topicMarkdown() {
        return TopicConfigKeys.all().stream()
                .map(ConfigTable::topicRow)
                .collect(Collectors.joining("\n", TOPIC_HEAD, "\n"));
    }

    private static String topicRow(TopicConfigKey<?> topicKey) {
        String brokers =
                topicKey.brokerKey() == null ? "" : "`" + topicKey.brokerKey().name() + "`";
        String ofJms = topicKey.jmsBrokerKey() == null
                ? ""
                : " / `" + topicKey.jmsBrokerKey().name() + "`";
        return row(topicKey.key()) + " " + brokers + ofJms + " |";
    }

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
