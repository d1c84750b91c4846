// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.Requests.fetch;
import static io.millrace.interop.differential.Requests.fetchPartition;
import static io.millrace.interop.differential.Requests.fetchTopic;
import static io.millrace.interop.differential.Requests.fetched;
import static io.millrace.interop.differential.Requests.produce;
import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Requests.transactional;
import static io.millrace.interop.differential.Step.given;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.ADD_OFFSETS_TO_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.ADD_PARTITIONS_TO_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_TRANSACTIONS;
import static org.apache.kafka.common.protocol.ApiKeys.END_TXN;
import static org.apache.kafka.common.protocol.ApiKeys.FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.FIND_COORDINATOR;
import static org.apache.kafka.common.protocol.ApiKeys.INIT_PRODUCER_ID;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_OFFSETS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;
import static org.apache.kafka.common.protocol.ApiKeys.TXN_OFFSET_COMMIT;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.interop.differential.Step.Call;
import io.millrace.peers.KafkaServer;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.MessageBuffers;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Peers.class)
class TransactionsDifferentialTest {

    @TestFactory
    Stream<DynamicTest> producers(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String id = "diff-tx-init";
        return Comparison.of(
                millrace,
                kafka,
                report,
                coordinator(id),
                step("end of an unknown transaction", end(3, "diff-tx-nobody", 5, 0, true)),
                step("end of an unknown transaction, version 5", end(5, "diff-tx-nobody", 5, 0, true)),
                step("partitions of an unknown transaction", add(3, "diff-tx-nobody", 5, 0, "diff-tx-none", 0)),
                step("description of an unknown transaction", describe("diff-tx-nobody")),
                step("no time-out", init(id, 0, -1, -1)),
                step("too long a time-out", init(id, 900_001, -1, -1)),
                step("first producer", init(id, 60_000, -1, -1)),
                remember(id),
                step("second producer", init(id, 60_000, -1, -1)),
                step("goes on", again(id, 1)),
                step("goes on, sent twice", again(id, 1)),
                step("an old epoch", again(id, 0)),
                step("another producer id", init(id, 60_000, 999_999, 0)),
                step("description", describe(id)));
    }

    @TestFactory
    Stream<DynamicTest> versionOne(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String id = "diff-tx-one";
        String t = "diff-tx-one";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 2),
                coordinator(id),
                given("a producer", init(id, 60_000, -1, -1)),
                remember(id),
                step("commit of nothing", end(3, id, 0, true)),
                step("abort of nothing", end(3, id, 0, false)),
                step("a batch without its partition", send(9, id, t, 0, 0, "x")),
                step("an unknown partition", add(3, id, 0, t, 9)),
                step("a known and an unknown partition", addTwo(id, 0, t)),
                step("a wrong epoch", add(3, id, 7, t, 0)),
                step("a wrong epoch, version 1", add(1, id, 7, t, 0)),
                step("a partition", add(3, id, 0, t, 0)),
                step("the same partition", add(3, id, 0, t, 0)),
                step("verified", verify(id, 0, t, 0)),
                step("not verified", verify(id, 0, t, 1)),
                step("a batch", send(9, id, t, 0, 0, "a", "b")),
                step("a batch to the other partition", sendTo(9, id, t, 1, 0, 0, "a")),
                step("committed records", committed(t)),
                step("all records", s -> fetched(s, 11, fetch(fetchTopic(t, fetchPartition(0, 0, 10_000))))),
                step("end for readers of committed records", ends(t, 1)),
                step("end for all", ends(t, 0)),
                step("commit with a wrong epoch", end(3, id, 7, true)),
                step("commit with a wrong epoch, version 1", end(1, id, 7, true)),
                step("commit", end(3, id, 0, true)),
                complete(id),
                step("commit, sent twice", end(3, id, 0, true)),
                step("abort of what is committed", end(3, id, 0, false)),
                step("committed records after the commit", committed(t)),
                given("a partition", add(3, id, 0, t, 0)),
                step("a batch of the next transaction", send(9, id, t, 0, 2, "c")),
                step("abort", end(3, id, 0, false)),
                complete(id),
                step("commit of what is aborted", end(3, id, 0, true)),
                step("committed records after the abort", committed(t)),
                step("description", describe(id)));
    }

    @TestFactory
    Stream<DynamicTest> versionTwo(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String id = "diff-tx-two";
        String t = "diff-tx-two";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 1),
                coordinator(id),
                given("a producer", init(id, 60_000, -1, -1)),
                remember(id),
                step("commit of nothing", end(5, id, 0, true)),
                step("abort of nothing", end(5, id, 0, false)),
                complete(id),
                step("a batch with the old epoch", send(12, id, t, 0, 0, "x")),
                step("a batch", send(12, id, t, 1, 0, "a")),
                step("description", describe(id)),
                step("committed records", committed(t)),
                step("commit", end(5, id, 1, true)),
                complete(id),
                step("commit, sent twice", end(5, id, 1, true)),
                step("abort with the epoch of what is committed", end(5, id, 1, false)),
                step("commit of nothing after a commit", end(5, id, 2, true)),
                step("committed records after the commit", committed(t)),
                step("a batch with the epoch of what is committed", send(12, id, t, 1, 1, "late")),
                step("a first sequence of 5", send(12, id, t, 2, 5, "b")),
                step("the next transaction", send(12, id, t, 2, 0, "b")),
                step(
                        "a batch outside of it",
                        s -> s.ask(PRODUCE, 9, produce(t, 0, -1, Requests.batch(producer(s), 2, 1, "plain")))),
                step("abort", end(5, id, 2, false)),
                complete(id),
                step("abort, sent twice", end(5, id, 2, false)),
                step("committed records after the abort", committed(t)));
    }

    @TestFactory
    Stream<DynamicTest> offsets(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String id = "diff-tx-offsets";
        String g = "diff-tx-group";
        String t = "diff-tx-offsets";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 1),
                coordinator(id),
                groupCoordinator(g),
                given("a producer", init(id, 60_000, -1, -1)),
                remember(id),
                step("a group for a wrong epoch", addGroup(3, id, 7, g)),
                step("offsets without the group", offsets(3, id, 0, g, t, "", -1)),
                step("a group", addGroup(3, id, 0, g)),
                step("offsets", offsets(3, id, 0, g, t, "", -1)),
                step("offsets of an unknown topic", offsets(3, id, 0, g, "diff-no-such", "", -1)),
                step("offsets of an unknown member", offsets(3, id, 0, g, t, "nobody", 3)),
                step("offsets with a wrong epoch", offsets(3, id, 9, g, t, "", -1)),
                given("a commit", end(3, id, 0, true)),
                complete(id),
                step("offsets after the commit", offsets(3, id, 0, g, t, "", -1)),
                step("offsets, version 5", offsets(5, id, 0, g, t, "", -1)),
                step("abort", end(5, id, 0, false)));
    }

    // Steps

    private static Step coordinator(String id) {
        return given("the coordinator of " + id, s -> find(s, (byte) 1, id));
    }

    private static Step groupCoordinator(String group) {
        return given("the coordinator of " + group, s -> {
            find(s, (byte) 0, group);
            OffsetFetchRequestData request =
                    new OffsetFetchRequestData().setGroupId(group).setTopics(null);
            for (int attempt = 0; attempt < 100_000; attempt++) {
                // Kafka's coordinator is found before it has loaded.
                if (((OffsetFetchResponseData) s.call(OFFSET_FETCH, 5, request)).errorCode() == 0) {
                    return "";
                }
            }
            throw new IOException("the coordinator of " + group + " does not load");
        });
    }

    /** Kafka makes the topic when it is first asked. */
    private static String find(Subject s, byte type, String key) throws IOException {
        FindCoordinatorRequestData request =
                new FindCoordinatorRequestData().setKeyType(type).setCoordinatorKeys(List.of(key));
        for (int attempt = 0; attempt < 10_000; attempt++) {
            FindCoordinatorResponseData found = (FindCoordinatorResponseData) s.call(FIND_COORDINATOR, 4, request);
            if (found.coordinators().get(0).errorCode() == 0) {
                return "";
            }
        }
        throw new IOException("no coordinator of " + key);
    }

    /** The producer after a further initialization would have another epoch: the answer is of a description. */
    private static Step remember(String id) {
        return given("the producer id of " + id, s -> {
            DescribeTransactionsResponseData answer = described(s, id);
            s.remember("id", answer.transactionStates().get(0).producerId());
            return "";
        });
    }

    private static DescribeTransactionsResponseData described(Subject s, String id) throws IOException {
        return (DescribeTransactionsResponseData) s.call(
                DESCRIBE_TRANSACTIONS, 0, new DescribeTransactionsRequestData().setTransactionalIds(List.of(id)));
    }

    /** Kafka writes markers after it has answered. */
    private static Step complete(String id) {
        return given("the transaction is complete", s -> {
            for (int attempt = 0; attempt < 100_000; attempt++) {
                if (described(s, id)
                        .transactionStates()
                        .get(0)
                        .transactionState()
                        .startsWith("Complete")) {
                    return "";
                }
            }
            throw new IOException("the transaction of " + id + " does not complete");
        });
    }

    private static long producer(Subject s) {
        return s.remembered("id", Long.class);
    }

    /** Kafka says that its coordinator is loading until its controller has given it ids. */
    private static Call init(String id, int timeoutMs, long producerId, int epoch) {
        return s -> {
            InitProducerIdRequestData request = new InitProducerIdRequestData()
                    .setTransactionalId(id)
                    .setTransactionTimeoutMs(timeoutMs)
                    .setProducerId(producerId)
                    .setProducerEpoch((short) epoch);
            InitProducerIdResponseData answer;
            do {
                answer = (InitProducerIdResponseData) s.call(INIT_PRODUCER_ID, 4, request);
            } while (answer.errorCode() == 14 || answer.errorCode() == 16);
            return s.render(answer, 4);
        };
    }

    private static Call again(String id, int epoch) {
        return s -> init(id, 60_000, producer(s), epoch).on(s);
    }

    private static Call end(int version, String id, int epoch, boolean commit) {
        return s -> end(version, id, producer(s), epoch, commit).on(s);
    }

    private static Call end(int version, String id, long producerId, int epoch, boolean commit) {
        return s -> s.ask(
                END_TXN,
                version,
                new EndTxnRequestData()
                        .setTransactionalId(id)
                        .setProducerId(producerId)
                        .setProducerEpoch((short) epoch)
                        .setCommitted(commit));
    }

    private static Call add(int version, String id, int epoch, String topic, int partition) {
        return s -> add(version, id, producer(s), epoch, topic, partition).on(s);
    }

    private static Call add(int version, String id, long producerId, int epoch, String topic, int... partitions) {
        return s -> {
            AddPartitionsToTxnRequestData request = new AddPartitionsToTxnRequestData()
                    .setV3AndBelowTransactionalId(id)
                    .setV3AndBelowProducerId(producerId)
                    .setV3AndBelowProducerEpoch((short) epoch);
            AddPartitionsToTxnTopic wanted = new AddPartitionsToTxnTopic().setName(topic);
            for (int partition : partitions) {
                wanted.partitions().add(partition);
            }
            request.v3AndBelowTopics().add(wanted);
            return s.ask(ADD_PARTITIONS_TO_TXN, version, request);
        };
    }

    private static Call addTwo(String id, int epoch, String topic) {
        return s -> add(3, id, producer(s), epoch, topic, 0, 9).on(s);
    }

    private static Call verify(String id, int epoch, String topic, int partition) {
        return s -> {
            AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction transaction =
                    new AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction()
                            .setTransactionalId(id)
                            .setProducerId(producer(s))
                            .setProducerEpoch((short) epoch)
                            .setVerifyOnly(true);
            AddPartitionsToTxnTopic wanted = new AddPartitionsToTxnTopic().setName(topic);
            wanted.partitions().add(partition);
            transaction.topics().add(wanted);
            AddPartitionsToTxnRequestData request = new AddPartitionsToTxnRequestData();
            request.transactions().add(transaction);
            return s.ask(ADD_PARTITIONS_TO_TXN, 5, request);
        };
    }

    private static Call send(int version, String id, String topic, int epoch, int sequence, String... values) {
        return sendTo(version, id, topic, 0, epoch, sequence, values);
    }

    private static Call sendTo(
            int version, String id, String topic, int partition, int epoch, int sequence, String... values) {
        return s -> s.ask(
                PRODUCE,
                version,
                produce(topic, partition, -1, transactional(producer(s), epoch, sequence, values))
                        .setTransactionalId(id));
    }

    /** All that readers of committed records get, fetch by fetch to the end, and which transactions were aborted. */
    private static Call committed(String topic) {
        return s -> {
            Set<Long> aborted = new TreeSet<>();
            StringBuilder batches = new StringBuilder();
            long next = 0;
            long stable;
            do {
                FetchResponseData answer = (FetchResponseData) s.call(
                        FETCH,
                        11,
                        fetch(fetchTopic(topic, fetchPartition(0, next, 10_000)))
                                .setIsolationLevel((byte) 1));
                PartitionData partition = answer.responses().get(0).partitions().get(0);
                stable = partition.lastStableOffset();
                if (partition.abortedTransactions() != null) {
                    partition.abortedTransactions().forEach(one -> aborted.add(one.firstOffset()));
                }
                ByteBuf records = FetchRecords.buffer(partition);
                for (PrimitiveIterator.OfInt indexes = Batches.indexes(records); indexes.hasNext(); ) {
                    int index = indexes.nextInt();
                    batches.append(' ').append(BatchHeader.baseOffset(records, index));
                    batches.append(BatchHeader.isControl(records, index) ? "m" : "");
                    next = BatchHeader.lastOffset(records, index) + 1;
                }
                MessageBuffers.release(answer);
            } while (next < stable);
            return "stable " + stable + ", aborted from " + aborted + ", batches" + batches;
        };
    }

    private static Call ends(String topic, int isolation) {
        return s -> s.ask(
                LIST_OFFSETS,
                5,
                new ListOffsetsRequestData()
                        .setReplicaId(-1)
                        .setIsolationLevel((byte) isolation)
                        .setTopics(List.of(new ListOffsetsTopic()
                                .setName(topic)
                                .setPartitions(List.of(new ListOffsetsPartition()
                                        .setPartitionIndex(0)
                                        .setTimestamp(-1))))));
    }

    /** Without when it began. */
    private static Call describe(String id) {
        return s -> {
            DescribeTransactionsResponseData answer = described(s, id);
            answer.transactionStates()
                    .forEach(state -> state.setTransactionStartTimeMs(state.transactionStartTimeMs() < 0 ? -1 : 0));
            return s.render(answer, 0);
        };
    }

    private static Call addGroup(int version, String id, int epoch, String group) {
        return s -> s.ask(
                ADD_OFFSETS_TO_TXN,
                version,
                new AddOffsetsToTxnRequestData()
                        .setTransactionalId(id)
                        .setProducerId(producer(s))
                        .setProducerEpoch((short) epoch)
                        .setGroupId(group));
    }

    private static Call offsets(
            int version, String id, int epoch, String group, String topic, String member, int generation) {
        return s -> s.ask(
                TXN_OFFSET_COMMIT,
                version,
                new TxnOffsetCommitRequestData()
                        .setTransactionalId(id)
                        .setProducerId(producer(s))
                        .setProducerEpoch((short) epoch)
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationIdOrMemberEpoch(generation)
                        .setTopics(List.of(new TxnOffsetCommitRequestTopic()
                                .setName(topic)
                                .setPartitions(List.of(new TxnOffsetCommitRequestPartition()
                                        .setPartitionIndex(0)
                                        .setCommittedOffset(0)
                                        .setCommittedMetadata(""))))));
    }
}
