// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.ALTER_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.INCREMENTAL_ALTER_CONFIGS;

import io.millrace.broker.config.TopicConfigKey;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.interop.differential.Step.Call;
import io.millrace.peers.KafkaServer;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Peers.class)
class ConfigsDifferentialTest {
    private static final byte TOPIC = 2;
    private static final byte BROKER = 4;
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;
    private static final String NAME = "diff-configs";

    @TestFactory
    Stream<DynamicTest> topicConfigs(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(NAME, 1),
                step("types", ConfigsDifferentialTest::types).toBeMended("topic configs have no types yet"),
                shown("cleanup.policy"),
                shown("compression.type"),
                shown("delete.retention.ms"),
                shown("file.delete.delay.ms"),
                shown("flush.messages"),
                shown("flush.ms"),
                shown("max.compaction.lag.ms"),
                shown("max.message.bytes"),
                shown("message.timestamp.after.max.ms"),
                shown("message.timestamp.before.max.ms"),
                shown("message.timestamp.type"),
                shown("min.cleanable.dirty.ratio"),
                shown("min.compaction.lag.ms"),
                shown("min.insync.replicas")
                        .wantedDifference("Kafka's controller keeps it as a setting of the cluster"),
                shown("retention.bytes"),
                shown("segment.bytes").wantedDifference("Millrace's segments are smaller unless told otherwise"),
                shown("segment.ms"),
                shown("no.such.thing"),
                step("set a number", change(SET, "retention.ms", "7000")),
                shown("retention.ms"),
                step("set it again", change(SET, "retention.ms", "8000")),
                shown("retention.ms"),
                step(
                        "only validate",
                        s -> s.ask(
                                INCREMENTAL_ALTER_CONFIGS,
                                1,
                                changes(NAME, config(SET, "retention.ms", "9000"))
                                        .setValidateOnly(true))),
                shown("retention.ms"),
                step("append to a number", change(APPEND, "retention.ms", "1")),
                step("set a number to a word", change(SET, "retention.ms", "tomorrow")),
                step("set a value out of range", change(SET, "segment.bytes", "1")),
                step("set nothing", change(SET, "segment.bytes", null)),
                step("set an unknown key", change(SET, "no.such.thing", "1")),
                step("delete an unknown key", change(DELETE, "no.such.thing", null)),
                step("an unknown operation", change((byte) 9, "retention.ms", "1"))
                        .wantedDifference("Kafka says UNKNOWN_SERVER_ERROR"),
                step("append to a list", change(APPEND, "cleanup.policy", "compact")),
                shown("cleanup.policy"),
                step("append what is there", change(APPEND, "cleanup.policy", "compact")),
                shown("cleanup.policy"),
                step("subtract from a list", change(SUBTRACT, "cleanup.policy", "delete")),
                shown("cleanup.policy"),
                step("append what it cannot hold", change(APPEND, "cleanup.policy", "sometimes")),
                step("delete", change(DELETE, "cleanup.policy", null)),
                shown("cleanup.policy"),
                step("delete again", change(DELETE, "cleanup.policy", null)),
                step(
                        "a key twice",
                        s -> s.ask(
                                INCREMENTAL_ALTER_CONFIGS,
                                1,
                                changes(NAME, config(SET, "retention.ms", "1"), config(DELETE, "retention.ms", null)))),
                step(
                        "one good and one bad",
                        s -> s.ask(
                                INCREMENTAL_ALTER_CONFIGS,
                                1,
                                changes(NAME, config(SET, "retention.bytes", "1000"), config(SET, "segment.ms", "x")))),
                shown("retention.bytes"),
                step("replace all", s -> s.ask(ALTER_CONFIGS, 2, replacement(NAME, "retention.bytes", "2000"))),
                shown("retention.bytes"),
                step(
                        "is the other gone",
                        s -> Long.toString(described(s, NAME, "retention.ms")
                                .lines()
                                .filter(line -> line.contains("=8000 "))
                                .count())),
                step("replace by a bad value", s -> s.ask(ALTER_CONFIGS, 2, replacement(NAME, "retention.ms", "x"))),
                step("replace by nothing", s -> s.ask(ALTER_CONFIGS, 2, replacement(NAME, "retention.ms", null))));
    }

    @TestFactory
    Stream<DynamicTest> resources(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                step("describe an unknown topic", described(TOPIC, "diff-no-such")),
                step("describe a bad name", described(TOPIC, "a/b")),
                step("describe an empty name", described(TOPIC, "")),
                step("describe a broker that is no number", described(BROKER, "one")),
                step("describe another broker", described(BROKER, "4711")),
                step("describe a broker by an unknown key", s -> {
                    String self = Integer.toString(Requests.nodeId(s));
                    return described(s, description(BROKER, self, "no.such.key"));
                }),
                step("describe an unknown kind of resource", described((byte) 77, "x")),
                step(
                        "alter an unknown topic",
                        s -> s.ask(
                                INCREMENTAL_ALTER_CONFIGS,
                                1,
                                changes("diff-no-such", config(SET, "retention.ms", "1")))),
                step(
                        "alter a bad name",
                        s -> s.ask(INCREMENTAL_ALTER_CONFIGS, 1, changes("a/b", config(SET, "retention.ms", "1")))),
                step(
                        "alter an unknown kind of resource",
                        s -> s.ask(INCREMENTAL_ALTER_CONFIGS, 1, of((byte) 77, "x", config(SET, "retention.ms", "1")))),
                step(
                        "alter a broker that is no number",
                        s -> s.ask(
                                INCREMENTAL_ALTER_CONFIGS,
                                1,
                                of(BROKER, "one", config(SET, "log.segment.bytes", "1")))),
                step(
                        "alter nothing",
                        s -> s.ask(INCREMENTAL_ALTER_CONFIGS, 1, new IncrementalAlterConfigsRequestData())),
                step(
                        "replace those of an unknown topic",
                        s -> s.ask(ALTER_CONFIGS, 2, replacement("diff-no-such", "retention.ms", "1"))));
    }

    private static Step shown(String key) {
        return step("show " + key, s -> described(s, NAME, key));
    }

    private static String described(Subject broker, String name, String key) throws IOException {
        return described(broker, description(TOPIC, name, key));
    }

    private static String described(Subject broker, DescribeConfigsRequestData request) throws IOException {
        DescribeConfigsResponseData answer = (DescribeConfigsResponseData) broker.call(DESCRIBE_CONFIGS, 4, request);
        DescribeConfigsResult result = answer.results().get(0);
        return "error " + result.errorCode() + "\n"
                + result.configs().stream().map(ConfigsDifferentialTest::line).collect(Collectors.joining("\n"));
    }

    /** Without the names of the broker's own settings behind it, which are not Kafka's. */
    private static String line(DescribeConfigsResourceResult config) {
        return config.name() + "=" + config.value() + " source " + config.configSource() + " read-only "
                + config.readOnly() + " sensitive " + config.isSensitive();
    }

    /** Which type each key has that Millrace knows. */
    private static String types(Subject broker) throws IOException {
        String[] keys = TopicConfigKeys.all().stream().map(TopicConfigKey::name).toArray(String[]::new);
        DescribeConfigsResponseData answer =
                (DescribeConfigsResponseData) broker.call(DESCRIBE_CONFIGS, 4, description(TOPIC, NAME, keys));
        return answer.results().get(0).configs().stream()
                .map(config -> config.name() + " " + config.configType())
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private static Call described(byte type, String name) {
        return s -> s.ask(DESCRIBE_CONFIGS, 4, description(type, name));
    }

    /** @param keys all when none is given */
    private static DescribeConfigsRequestData description(byte type, String name, String... keys) {
        return new DescribeConfigsRequestData()
                .setIncludeSynonyms(true)
                .setResources(List.of(new DescribeConfigsResource()
                        .setResourceType(type)
                        .setResourceName(name)
                        .setConfigurationKeys(keys.length == 0 ? null : List.of(keys))));
    }

    private static Call change(byte operation, String key, String value) {
        return s -> s.ask(INCREMENTAL_ALTER_CONFIGS, 1, changes(NAME, config(operation, key, value)));
    }

    private static IncrementalAlterConfigsRequestData changes(String topic, AlterableConfig... configs) {
        return of(TOPIC, topic, configs);
    }

    private static IncrementalAlterConfigsRequestData of(byte type, String name, AlterableConfig... configs) {
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType(type).setResourceName(name);
        resource.configs().addAll(List.of(configs));
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        return request;
    }

    private static AlterableConfig config(byte operation, String key, String value) {
        return new AlterableConfig().setName(key).setConfigOperation(operation).setValue(value);
    }

    private static AlterConfigsRequestData replacement(String topic, String key, String value) {
        AlterConfigsRequestData.AlterConfigsResource resource = new AlterConfigsRequestData.AlterConfigsResource()
                .setResourceType(TOPIC)
                .setResourceName(topic);
        resource.configs()
                .add(new AlterConfigsRequestData.AlterableConfig().setName(key).setValue(value));
        AlterConfigsRequestData request = new AlterConfigsRequestData();
        request.resources().add(resource);
        return request;
    }
}
