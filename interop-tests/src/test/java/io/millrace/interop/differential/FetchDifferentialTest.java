// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.Requests.batch;
import static io.millrace.interop.differential.Requests.fetch;
import static io.millrace.interop.differential.Requests.fetchPartition;
import static io.millrace.interop.differential.Requests.fetchTopic;
import static io.millrace.interop.differential.Requests.fetched;
import static io.millrace.interop.differential.Requests.produce;
import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Step.given;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Peers.class)
class FetchDifferentialTest {
    private static final int PLENTY = 1 << 20;

    @TestFactory
    Stream<DynamicTest> fetches(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String t = "diff-fetch";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 2),
                records(t, 0),
                step("from the start", s -> fetched(s, 12, of(t, 0, 0, PLENTY))),
                step("from within a batch", s -> fetched(s, 12, of(t, 0, 4, PLENTY))),
                step("from the end", s -> fetched(s, 12, of(t, 0, 6, PLENTY))),
                step("an empty partition", s -> fetched(s, 12, of(t, 1, 0, PLENTY))),
                step("beyond the end", s -> fetched(s, 12, of(t, 0, 7, PLENTY))),
                step("a negative offset", s -> fetched(s, 12, of(t, 0, -5, PLENTY))),
                step("an unknown partition", s -> fetched(s, 12, of(t, 9, 0, PLENTY))),
                step("an unknown topic", s -> fetched(s, 12, of("diff-no-such", 0, 0, PLENTY))),
                step("one byte brings one batch", s -> fetched(s, 12, of(t, 0, 0, 1))),
                step(
                        "a maximum of one byte in all brings one batch",
                        s -> fetched(
                                s,
                                12,
                                fetch(fetchTopic(t, fetchPartition(0, 0, PLENTY)))
                                        .setMaxBytes(1))),
                step(
                        "a wrong leader epoch",
                        s -> fetched(
                                s,
                                12,
                                fetch(fetchTopic(t, fetchPartition(0, 0, PLENTY).setCurrentLeaderEpoch(1_000_000))))),
                step("by topic id", s -> fetched(s, 13, byId(Requests.topicId(s, t), 0))),
                step("an unknown topic id", s -> fetched(s, 13, byId(new Uuid(3, 3), 0))),
                step("a zero topic id", s -> fetched(s, 13, byId(Uuid.ZERO_UUID, 0))),
                step("version 4", s -> fetched(s, 4, of(t, 0, 0, PLENTY))),
                step("read committed", s -> fetched(s, 12, of(t, 0, 0, PLENTY).setIsolationLevel((byte) 1))),
                step(
                        "from a replica id nobody has",
                        s -> fetched(s, 12, of("diff-no-such", 0, 0, PLENTY).setReplicaId(-2))),
                step(
                                "the same partition twice",
                                s -> fetched(
                                        s,
                                        12,
                                        fetch(fetchTopic(
                                                t, fetchPartition(0, 0, PLENTY), fetchPartition(0, 3, PLENTY)))))
                        .wantedDifference("Kafka answers the last; no client asks twice"),
                step("nothing", s -> fetched(s, 12, fetch())));
    }

    @TestFactory
    Stream<DynamicTest> sessions(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String t = "diff-fetch-session";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 2),
                records(t, 0),
                step("a full fetch opens a session", s -> {
                    FetchRequestData open = fetch(
                                    fetchTopic(t, fetchPartition(0, 6, PLENTY), fetchPartition(1, 0, PLENTY)))
                            .setSessionEpoch(0);
                    FetchResponseData answer = (FetchResponseData) s.call(FETCH, 12, open);
                    s.remember("session", answer.sessionId());
                    return answer.errorCode() + " " + (answer.sessionId() != 0) + " "
                            + answer.responses().stream()
                                    .mapToInt(topic -> topic.partitions().size())
                                    .sum();
                }),
                step("nothing new is not answered", s -> fetched(s, 12, inSession(s, 1))),
                given("a record in partition 1", s -> s.ask(PRODUCE, 9, produce(t, 1, -1, batch("new")))),
                step("what is new is answered", s -> fetched(s, 12, inSession(s, 2))),
                step("a partition left behind stays in the session", s -> fetched(s, 12, inSession(s, 3))),
                step(
                        "a forgotten partition is not answered",
                        s -> fetched(
                                s,
                                12,
                                inSession(s, 4)
                                        .setForgottenTopicsData(List.of(
                                                new ForgottenTopic().setTopic(t).setPartitions(List.of(1)))))),
                step("a wrong epoch", s -> fetched(s, 12, inSession(s, 44))),
                step(
                        "an unknown session",
                        s -> fetched(s, 12, fetch().setSessionId(123_456_789).setSessionEpoch(5))),
                step(
                        "a partition with an error stays",
                        s -> fetched(
                                s,
                                12,
                                inSession(s, 5).setTopics(List.of(fetchTopic(t, fetchPartition(0, 99, PLENTY)))))),
                step("its error comes again", s -> fetched(s, 12, inSession(s, 6))),
                step(
                        "the session closes",
                        s -> fetched(
                                s,
                                12,
                                fetch(fetchTopic(t, fetchPartition(0, 0, PLENTY)))
                                        .setSessionId(s.remembered("session", Integer.class))
                                        .setSessionEpoch(-1))),
                step("a closed session is unknown", s -> fetched(s, 12, inSession(s, 7))));
    }

    /** Three batches: offsets 0, 1-2, 3-5. */
    private static Step records(String topic, int partition) {
        return given("records in " + topic, s -> {
            s.ask(PRODUCE, 9, produce(topic, partition, -1, batch("a")));
            s.ask(PRODUCE, 9, produce(topic, partition, -1, batch("b", "c")));
            return s.ask(PRODUCE, 9, produce(topic, partition, -1, batch("d", "e", "f")));
        });
    }

    private static FetchRequestData of(String topic, int partition, long offset, int maxBytes) {
        return fetch(fetchTopic(topic, fetchPartition(partition, offset, maxBytes)));
    }

    private static FetchRequestData byId(Uuid id, long offset) {
        return fetch(fetchTopic("", fetchPartition(0, offset, PLENTY)).setTopicId(id));
    }

    private static FetchRequestData inSession(Subject s, int epoch) throws IOException {
        return fetch().setSessionId(s.remembered("session", Integer.class)).setSessionEpoch(epoch);
    }
}
