// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.Requests.batch;
import static io.millrace.interop.differential.Requests.produce;
import static io.millrace.interop.differential.Requests.producerId;
import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.INIT_PRODUCER_ID;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.interop.differential.Step.Call;
import io.millrace.peers.KafkaServer;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Peers.class)
class ProduceDifferentialTest {
    private static final String TOPIC = "diff-produce";

    @TestFactory
    Stream<DynamicTest> requests(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(TOPIC, 2),
                step("acks -1", send(-1, () -> batch("a", "b"))),
                step("acks 1", send(1, () -> batch("c"))),
                step("acks 2", send(2, () -> batch("d"))),
                step("acks -2", send(-2, () -> batch("d"))),
                step("unknown topic", s -> s.ask(PRODUCE, 9, produce("diff-no-such", 0, -1, batch("a")))),
                step("unknown partition", s -> s.ask(PRODUCE, 9, produce(TOPIC, 7, -1, batch("a")))),
                step("negative partition", s -> s.ask(PRODUCE, 9, produce(TOPIC, -1, -1, batch("a")))),
                step("invalid topic name", s -> s.ask(PRODUCE, 9, produce("a/b", 0, -1, batch("a")))),
                step("empty topic name", s -> s.ask(PRODUCE, 9, produce("", 0, -1, batch("a")))),
                step("by topic id", s -> s.ask(PRODUCE, 13, byId(Requests.topicId(s, TOPIC)))),
                step("unknown topic id", s -> s.ask(PRODUCE, 13, byId(new Uuid(7, 7)))),
                step("zero topic id", s -> s.ask(PRODUCE, 13, byId(Uuid.ZERO_UUID))),
                step("two partitions, one unknown", s -> s.ask(PRODUCE, 9, twoPartitions())),
                step(
                        "transactional id without transaction",
                        s -> s.ask(PRODUCE, 9, produce(TOPIC, 0, -1, batch("a")).setTransactionalId("diff-tx"))),
                step("internal topic", s -> s.ask(PRODUCE, 9, produce("__consumer_offsets", 0, -1, batch("a")))));
    }

    @TestFactory
    Stream<DynamicTest> batches(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic("diff-batches", 1),
                step("null records", s -> {
                            s.patience(Duration.ofSeconds(5));
                            String answer = s.ask(PRODUCE, 9, produce("diff-batches", 0, -1, null));
                            s.disconnect();
                            return answer;
                        })
                        .wantedDifference("Kafka never answers"),
                step("empty records", sendTo("diff-batches", () -> Unpooled.EMPTY_BUFFER)),
                step("half a batch", sendTo("diff-batches", () -> half(batch("a")))),
                step("wrong CRC", sendTo("diff-batches", () -> batch("a").setInt(BatchHeader.CRC, 7))),
                step("magic 1", sendTo("diff-batches", () -> batch("a").setByte(BatchHeader.MAGIC, 1))),
                step("magic 9", sendTo("diff-batches", () -> batch("a").setByte(BatchHeader.MAGIC, 9)))
                        .wantedDifference("Kafka says CORRUPT_MESSAGE, which makes a client try again"),
                step("two batches", sendTo("diff-batches", () -> Unpooled.wrappedBuffer(batch("a"), batch("b")))),
                step("base offset 5", sendTo("diff-batches", () -> batch("a").setLong(BatchHeader.BASE_OFFSET, 5)))
                        .wantedDifference("the broker gives the offsets whatever the client wrote there"),
                step("wrong record count", sendTo("diff-batches", () -> changed(BatchHeader.RECORD_COUNT, 9))),
                step("negative record count", sendTo("diff-batches", () -> changed(BatchHeader.RECORD_COUNT, -1))),
                step(
                        "wrong last offset delta",
                        sendTo("diff-batches", () -> changed(BatchHeader.LAST_OFFSET_DELTA, 9))),
                step("control batch", sendTo("diff-batches", () -> attributes(0x20))),
                step("transactional without producer id", sendTo("diff-batches", () -> attributes(0x10))),
                step("unknown compression", sendTo("diff-batches", () -> attributes(0x07)))
                        .wantedDifference("Kafka says UNKNOWN_SERVER_ERROR"),
                step("gzip that is none", sendTo("diff-batches", () -> attributes(0x01)))
                        .wantedDifference("Kafka says UNKNOWN_SERVER_ERROR"),
                step("log append time claimed by the client", sendTo("diff-batches", () -> attributes(0x08)))
                        .wantedDifference("Kafka overwrites it, which changes a checksummed batch"),
                step("too large", sendTo("diff-batches", () -> batch("x".repeat(1_100_000)))));
    }

    @TestFactory
    Stream<DynamicTest> sequences(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic("diff-sequences", 1),
                producerId("id"),
                step("first sequence is 3", idempotent(0, 3, "a")),
                step("next sequence", idempotent(0, 4, "b", "c")),
                step("duplicate", idempotent(0, 4, "b", "c"))
                        .wantedDifference("Kafka tells the first append's time although the topic has no append time"),
                step("earlier duplicate", idempotent(0, 3, "a"))
                        .wantedDifference("Kafka tells the first append's time although the topic has no append time"),
                step("gap", idempotent(0, 10, "d")),
                step("part of a former batch", idempotent(0, 5, "c")),
                step("new epoch, sequence not 0", idempotent(1, 9, "d")),
                step("new epoch", idempotent(1, 0, "d")),
                step("old epoch", idempotent(0, 6, "e")),
                step("duplicate in the new epoch", idempotent(1, 0, "d"))
                        .wantedDifference("Kafka tells the first append's time although the topic has no append time"),
                step("negative sequence", idempotent(1, -3, "e")),
                step(
                        "unknown producer id",
                        s -> s.ask(PRODUCE, 9, produce("diff-sequences", 0, -1, batch(987_654_321L, 0, 5, "z")))),
                step("two idempotent batches", s -> s.ask(PRODUCE, 9, produce("diff-sequences", 0, -1, twoOf(s)))),
                step("sequence wraps", wrap(Integer.MAX_VALUE)),
                step("sequence after the wrap", wrap(0)));
    }

    @TestFactory
    Stream<DynamicTest> producerIds(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                producerId("any"),
                step("a new id", init(4, null, -1, -1)),
                step("a new id, version 0", init(0, null, -1, -1)),
                step("an id of one's own", init(4, null, 7, 1)),
                step("an epoch without an id", init(4, null, -1, 1)),
                step("an id without an epoch", init(4, null, 7, -1)),
                step("an empty transactional id", init(4, "", -1, -1)));
    }

    private static Call init(int version, String transactionalId, long id, int epoch) {
        return s -> s.ask(
                INIT_PRODUCER_ID,
                version,
                new InitProducerIdRequestData()
                        .setTransactionalId(transactionalId)
                        .setTransactionTimeoutMs(60_000)
                        .setProducerId(id)
                        .setProducerEpoch((short) epoch));
    }

    private static Call send(int acks, Supplier<ByteBuf> records) {
        return s -> s.ask(PRODUCE, 9, produce(TOPIC, 0, acks, records.get()));
    }

    private static Call sendTo(String topic, Supplier<ByteBuf> records) {
        return s -> s.ask(PRODUCE, 9, produce(topic, 0, -1, records.get()));
    }

    private static Call idempotent(int epoch, int sequence, String... values) {
        return s -> s.ask(
                PRODUCE,
                9,
                produce("diff-sequences", 0, -1, batch(s.remembered("id", Long.class), epoch, sequence, values)));
    }

    private static Call wrap(int sequence) {
        return s -> s.ask(
                PRODUCE,
                9,
                produce("diff-sequences", 0, -1, batch(s.remembered("id", Long.class) + 1_000, 0, sequence, "w")));
    }

    private static ByteBuf twoOf(Subject s) {
        long id = s.remembered("id", Long.class);
        return Unpooled.wrappedBuffer(batch(id, 1, 1, "f"), batch(id, 1, 2, "g"));
    }

    private static ProduceRequestData byId(Uuid id) {
        ProduceRequestData request = produce("", 0, -1, batch("by id"));
        request.topicData().iterator().next().setTopicId(id);
        return request;
    }

    private static ProduceRequestData twoPartitions() {
        TopicProduceData data = new TopicProduceData().setName(TOPIC);
        data.setPartitionData(List.of(
                Requests.records(new PartitionProduceData().setIndex(1), batch("a")),
                Requests.records(new PartitionProduceData().setIndex(5), batch("a"))));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1000);
        request.topicData().add(data);
        return request;
    }

    private static ByteBuf half(ByteBuf whole) {
        return whole.writerIndex(whole.writerIndex() / 2);
    }

    private static ByteBuf changed(int field, int value) {
        return sealed(batch("a").setInt(field, value));
    }

    private static ByteBuf attributes(int attributes) {
        return sealed(batch("a").setShort(BatchHeader.ATTRIBUTES, attributes));
    }

    private static ByteBuf sealed(ByteBuf batch) {
        return batch.setInt(BatchHeader.CRC, BatchHeader.computeCrc(batch, 0));
    }
}
