// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.AdminStep.given;
import static io.millrace.interop.differential.AdminStep.step;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/** The stock {@code Admin}, each method called sensibly and wrongly: what Millrace and Kafka let it answer or throw. */
@ExtendWith(Peers.class)
class AdminSettingsDifferentialTest {
    private static final String GROUP = "admin-group";
    private static final String DEFAULTS =
            "Our segment.bytes is another, and Kafka stores min.insync.replicas for the cluster as it is formatted";
    private static final String LOGGERS = "Log levels are not set through the protocol";
    private static final String GROUP_SETTINGS =
            "Settings of single groups are those of share groups (docs/group-settings.md)";
    private static final String METRICS =
            "Clients are asked for no metrics (KIP-714), as a Kafka without a reporter asks for none";
    private static final String STATIC = "log.dirs is no setting here";

    @TestFactory
    @SuppressWarnings("removal") // What is there is called, as long as it is.
    Stream<DynamicTest> settings(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "admin-settings");
        ConfigResource noTopic = new ConfigResource(ConfigResource.Type.TOPIC, "admin-unknown");
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, GROUP);
        ConfigResource metrics = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "admin-metrics");
        ConfigResource noBroker = new ConfigResource(ConfigResource.Type.BROKER, "77");
        ConfigResource allBrokers = new ConfigResource(ConfigResource.Type.BROKER, "");
        return AdminStep.compare(
                millrace,
                kafka,
                report,
                given(
                        "a topic",
                        to -> to.admin()
                                .createTopics(List.of(new NewTopic("admin-settings", 1, (short) 1)))
                                .all()
                                .get()),
                step(
                        "incrementalAlterConfigs",
                        to -> to.admin()
                                .incrementalAlterConfigs(
                                        alter(topic, "retention.ms", "123456789", AlterConfigOp.OpType.SET))
                                .all()
                                .get()),
                step(
                        "incrementalAlterConfigs, append",
                        to -> to.admin()
                                .incrementalAlterConfigs(
                                        alter(topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND))
                                .all()
                                .get()),
                step(
                        "incrementalAlterConfigs, append to no list",
                        to -> to.admin()
                                .incrementalAlterConfigs(alter(topic, "retention.ms", "1", AlterConfigOp.OpType.APPEND))
                                .all()
                                .get()),
                step(
                        "incrementalAlterConfigs, subtract",
                        to -> to.admin()
                                .incrementalAlterConfigs(
                                        alter(topic, "cleanup.policy", "delete", AlterConfigOp.OpType.SUBTRACT))
                                .all()
                                .get()),
                step(
                                "describeConfigs",
                                to -> entry(
                                        to.admin()
                                                .describeConfigs(List.of(topic))
                                                .all()
                                                .get()
                                                .get(topic),
                                        "cleanup.policy",
                                        "retention.ms",
                                        "segment.bytes",
                                        "min.insync.replicas"))
                        .wantedDifference(DEFAULTS),
                step(
                        "incrementalAlterConfigs, delete",
                        to -> to.admin()
                                .incrementalAlterConfigs(
                                        alter(topic, "cleanup.policy", "", AlterConfigOp.OpType.DELETE))
                                .all()
                                .get()),
                step(
                        "describeConfigs after delete",
                        to -> entry(
                                to.admin()
                                        .describeConfigs(List.of(topic))
                                        .all()
                                        .get()
                                        .get(topic),
                                "cleanup.policy")),
                step(
                        "incrementalAlterConfigs, bad value",
                        to -> to.admin()
                                .incrementalAlterConfigs(alter(topic, "retention.ms", "soon", AlterConfigOp.OpType.SET))
                                .all()
                                .get()),
                step(
                        "incrementalAlterConfigs, unknown key",
                        to -> to.admin()
                                .incrementalAlterConfigs(alter(topic, "no.such", "1", AlterConfigOp.OpType.SET))
                                .all()
                                .get()),
                step(
                        "incrementalAlterConfigs, unknown topic",
                        to -> to.admin()
                                .incrementalAlterConfigs(alter(noTopic, "retention.ms", "1", AlterConfigOp.OpType.SET))
                                .all()
                                .get()),
                step(
                        "describeConfigs, unknown topic",
                        to -> to.admin().describeConfigs(List.of(noTopic)).all().get()),
                step(
                        "describeConfigs, unknown broker",
                        to -> to.admin()
                                .describeConfigs(List.of(noBroker))
                                .all()
                                .get(),
                        2),
                step(
                                "describeConfigs, all brokers",
                                to -> to.admin()
                                        .describeConfigs(List.of(allBrokers))
                                        .all()
                                        .get()
                                        .get(allBrokers)
                                        .entries())
                        .wantedDifference(DEFAULTS),
                step(
                        "describeConfigs, broker",
                        to -> !to.admin()
                                .describeConfigs(
                                        List.of(new ConfigResource(ConfigResource.Type.BROKER, to.brokerId() + "")))
                                .all()
                                .get()
                                .isEmpty()),
                step(
                                "describeConfigs, broker logger",
                                to -> !to.admin()
                                        .describeConfigs(List.of(new ConfigResource(
                                                ConfigResource.Type.BROKER_LOGGER, to.brokerId() + "")))
                                        .all()
                                        .get()
                                        .values()
                                        .iterator()
                                        .next()
                                        .entries()
                                        .isEmpty())
                        .wantedDifference(LOGGERS),
                step(
                                "incrementalAlterConfigs, group",
                                to -> to.admin()
                                        .incrementalAlterConfigs(alter(
                                                group,
                                                "consumer.session.timeout.ms",
                                                "50000",
                                                AlterConfigOp.OpType.SET))
                                        .all()
                                        .get())
                        .wantedDifference(GROUP_SETTINGS),
                step(
                                "describeConfigs, group",
                                to -> entry(
                                        to.admin()
                                                .describeConfigs(List.of(group))
                                                .all()
                                                .get()
                                                .get(group),
                                        "consumer.session.timeout.ms",
                                        "consumer.heartbeat.interval.ms",
                                        "share.auto.offset.reset",
                                        "share.isolation.level"))
                        .wantedDifference(GROUP_SETTINGS),
                step(
                                "describeConfigs, group, all keys",
                                to ->
                                        to
                                                .admin()
                                                .describeConfigs(List.of(group))
                                                .all()
                                                .get()
                                                .get(group)
                                                .entries()
                                                .stream()
                                                .map(ConfigEntry::name)
                                                .sorted()
                                                .toList())
                        .wantedDifference(GROUP_SETTINGS),
                step(
                        "incrementalAlterConfigs, group, bad value",
                        to -> to.admin()
                                .incrementalAlterConfigs(
                                        alter(group, "consumer.session.timeout.ms", "1", AlterConfigOp.OpType.SET))
                                .all()
                                .get()),
                step(
                                "incrementalAlterConfigs, client metrics",
                                to -> to.admin()
                                        .incrementalAlterConfigs(
                                                alter(metrics, "interval.ms", "1000", AlterConfigOp.OpType.SET))
                                        .all()
                                        .get())
                        .wantedDifference(METRICS),
                step(
                                "describeConfigs, client metrics",
                                to -> entry(
                                        to.admin()
                                                .describeConfigs(List.of(metrics))
                                                .all()
                                                .get()
                                                .get(metrics),
                                        "interval.ms"))
                        .wantedDifference(METRICS),
                step(
                                "incrementalAlterConfigs, broker, static key",
                                to -> to.admin()
                                        .incrementalAlterConfigs(alter(
                                                new ConfigResource(ConfigResource.Type.BROKER, to.brokerId() + ""),
                                                "log.dirs",
                                                "/tmp",
                                                AlterConfigOp.OpType.SET))
                                        .all()
                                        .get())
                        .wantedDifference(STATIC),
                step(
                                "incrementalAlterConfigs, broker logger",
                                to -> to.admin()
                                        .incrementalAlterConfigs(alter(
                                                new ConfigResource(
                                                        ConfigResource.Type.BROKER_LOGGER, to.brokerId() + ""),
                                                "kafka.server",
                                                "INFO",
                                                AlterConfigOp.OpType.SET))
                                        .all()
                                        .get())
                        .wantedDifference(LOGGERS),
                step(
                        "incrementalAlterConfigs, share group",
                        to -> to.admin()
                                .incrementalAlterConfigs(
                                        alter(group, "share.auto.offset.reset", "earliest", AlterConfigOp.OpType.SET))
                                .all()
                                .get()),
                step(
                        "describeConfigs, share group",
                        to -> entry(
                                to.admin()
                                        .describeConfigs(List.of(group))
                                        .all()
                                        .get()
                                        .get(group),
                                "share.auto.offset.reset",
                                "share.isolation.level")),
                step(
                        "listConfigResources, topics",
                        to -> to.admin()
                                .listConfigResources(
                                        Set.of(ConfigResource.Type.TOPIC), new ListConfigResourcesOptions())
                                .all()
                                .get()
                                .contains(topic)),
                step(
                        "listConfigResources, groups",
                        to -> to.admin()
                                .listConfigResources(
                                        Set.of(ConfigResource.Type.GROUP), new ListConfigResourcesOptions())
                                .all()
                                .get()
                                .contains(group)),
                step(
                        "listConfigResources, brokers",
                        to -> to.admin()
                                .listConfigResources(
                                        Set.of(ConfigResource.Type.BROKER), new ListConfigResourcesOptions())
                                .all()
                                .get()
                                .size()),
                step(
                        "listConfigResources, all",
                        to -> to.admin().listConfigResources().all().get().contains(group)),
                step(
                                "listClientMetricsResources",
                                to -> to.admin()
                                        .listClientMetricsResources()
                                        .all()
                                        .get())
                        .wantedDifference(METRICS));
    }

    private static String entry(Config config, String... keys) {
        return Stream.of(keys)
                .map(key -> config.get(key) == null
                        ? key + " absent"
                        : key + "=" + config.get(key).value() + " "
                                + config.get(key).source() + " "
                                + config.get(key).isReadOnly())
                .collect(Collectors.joining(", "));
    }

    private static Map<ConfigResource, Collection<AlterConfigOp>> alter(
            ConfigResource resource, String key, String value, AlterConfigOp.OpType op) {
        return Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(key, value), op)));
    }
}
