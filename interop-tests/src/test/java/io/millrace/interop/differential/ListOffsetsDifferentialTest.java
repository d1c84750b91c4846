// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.Requests.TIMESTAMP_MS;
import static io.millrace.interop.differential.Requests.batch;
import static io.millrace.interop.differential.Requests.produce;
import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Step.given;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_OFFSETS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FOR_LEADER_EPOCH;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Peers.class)
class ListOffsetsDifferentialTest {
    private static final String TOPIC = "diff-offsets";

    @TestFactory
    Stream<DynamicTest> offsets(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        List<Step> steps = new ArrayList<>();
        steps.add(topic(TOPIC, 2));
        steps.add(given("records", s -> {
            s.ask(PRODUCE, 9, produce(TOPIC, 0, -1, batch("a", "b", "c")));
            return s.ask(PRODUCE, 9, produce(TOPIC, 0, -1, batch("d", "e")));
        }));
        for (int version : new int[] {1, 2, 5, 7, 8, 11}) {
            steps.add(step("latest, version " + version, s -> s.ask(LIST_OFFSETS, version, of(0, -1))));
            steps.add(step("earliest, version " + version, s -> s.ask(LIST_OFFSETS, version, of(0, -2))));
        }
        for (long special : new long[] {-3, -4, -5, -6}) {
            steps.add(step("special timestamp " + special, s -> s.ask(LIST_OFFSETS, 11, of(0, special))));
            steps.add(step("special timestamp " + special + ", empty", s -> s.ask(LIST_OFFSETS, 11, of(1, special))));
            steps.add(step("special timestamp " + special + ", v1", s -> s.ask(LIST_OFFSETS, 1, of(0, special))));
        }
        steps.add(step("a special timestamp nobody knows", s -> s.ask(LIST_OFFSETS, 11, of(0, -7))));
        for (long after : new long[] {-1, 0, 1, 2, 3}) {
            steps.add(step(
                    "timestamp of the first record + " + after,
                    s -> s.ask(LIST_OFFSETS, 7, of(0, TIMESTAMP_MS + after))));
        }
        steps.add(step("a timestamp in an empty partition", s -> s.ask(LIST_OFFSETS, 7, of(1, TIMESTAMP_MS))));
        steps.add(step("timestamp 0", s -> s.ask(LIST_OFFSETS, 7, of(0, 0))));
        steps.add(step("latest, empty", s -> s.ask(LIST_OFFSETS, 7, of(1, -1))));
        steps.add(step("earliest, empty", s -> s.ask(LIST_OFFSETS, 7, of(1, -2))));
        steps.add(step("unknown partition", s -> s.ask(LIST_OFFSETS, 7, of(9, -1))));
        steps.add(step("unknown topic", s -> s.ask(LIST_OFFSETS, 7, of("diff-no-such", 0, -1, -1))));
        steps.add(step("a wrong leader epoch", s -> s.ask(LIST_OFFSETS, 7, of(TOPIC, 0, -1, 1_000_000))));
        steps.add(step("read committed", s -> s.ask(LIST_OFFSETS, 7, of(0, -1).setIsolationLevel((byte) 1))));
        steps.add(Requests.leaderEpoch(TOPIC, "epoch"));
        steps.add(step("end of the current epoch", s -> s.ask(OFFSET_FOR_LEADER_EPOCH, 4, epoch(0, current(s), -1))));
        steps.add(step("end of a later epoch", s -> s.ask(OFFSET_FOR_LEADER_EPOCH, 4, epoch(0, current(s) + 1, -1))));
        steps.add(step(
                "end of the current epoch, empty", s -> s.ask(OFFSET_FOR_LEADER_EPOCH, 4, epoch(1, current(s), -1))));
        steps.add(step("end of epoch -1", s -> s.ask(OFFSET_FOR_LEADER_EPOCH, 4, epoch(0, -1, -1))));
        steps.add(step("end with a wrong current epoch", s -> s.ask(OFFSET_FOR_LEADER_EPOCH, 4, epoch(0, 0, 9_999))));
        steps.add(step("end in an unknown partition", s -> s.ask(OFFSET_FOR_LEADER_EPOCH, 4, epoch(9, 0, -1))));
        return Comparison.of(millrace, kafka, report, steps.toArray(Step[]::new));
    }

    private static int current(Subject broker) {
        return broker.remembered("epoch", Integer.class);
    }

    private static ListOffsetsRequestData of(int partition, long timestamp) {
        return of(TOPIC, partition, timestamp, -1);
    }

    private static ListOffsetsRequestData of(String topic, int partition, long timestamp, int epoch) {
        return new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsPartition()
                                .setPartitionIndex(partition)
                                .setCurrentLeaderEpoch(epoch)
                                .setTimestamp(timestamp)))));
    }

    private static OffsetForLeaderEpochRequestData epoch(int partition, int epoch, int currentEpoch) {
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics()
                .add(new OffsetForLeaderTopic()
                        .setTopic(TOPIC)
                        .setPartitions(List.of(new OffsetForLeaderPartition()
                                .setPartition(partition)
                                .setCurrentLeaderEpoch(currentEpoch)
                                .setLeaderEpoch(epoch))));
        return request;
    }
}
