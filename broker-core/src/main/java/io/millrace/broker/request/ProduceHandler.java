// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.ClientRecords;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.partition.TransactionVerifier;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Produce: appends each partition's batches; answered when all are durable, whatever acks asks for, unless it is 0. */
final class ProduceHandler implements KafkaHandler<ProduceRequestData> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final int FIRST_VERSION_WITH_ZSTD = 7;
    private static final int CODEC_BITS = 7;
    private static final int ZSTD = 4;
    private static final long UNKNOWN = -1;

    private final Partitions partitions;
    private final CurrentLeaders leaders;
    private final TransactionalProduce transactions;

    ProduceHandler(Partitions partitions, CurrentLeaders leaders, TransactionCoordinator transactions) {
        this.partitions = partitions;
        this.leaders = leaders;
        this.transactions = new TransactionalProduce(transactions);
    }

    @Override
    public CompletionStage<@Nullable ProduceResponseData> handle(RequestContext context, ProduceRequestData request) {
        ProduceAnswer answer = new ProduceAnswer(context, request, leaders);
        boolean badAcks = request.acks() < -1 || request.acks() > 1;
        for (TopicProduceData topic : request.topicData()) {
            TopicProduceResponse answered = answer.topic(topic);
            for (PartitionProduceData data : topic.partitionData()) {
                PartitionProduceResponse slot = new PartitionProduceResponse()
                        .setIndex(data.index())
                        .setBaseOffset(UNKNOWN)
                        .setLogStartOffset(UNKNOWN);
                answered.partitionResponses().add(slot);
                try {
                    if (badAcks) {
                        throw new RefusedException(
                                Errors.INVALID_REQUIRED_ACKS, "acks is " + request.acks() + "; it must be -1, 0 or 1");
                    }
                    append(context.apiVersion(), request.transactionalId(), topic, data, answer, slot);
                } catch (BrokerException | RefusedException refused) {
                    answer.onPart(slot, null, refused);
                }
            }
        }
        return answer.whenComplete();
    }

    private void append(
            short version,
            @Nullable String transactionalId,
            TopicProduceData topic,
            PartitionProduceData data,
            ProduceAnswer answer,
            PartitionProduceResponse slot) {
        Partition partition = version >= FIRST_VERSION_WITH_TOPIC_IDS
                ? partitions.get(KafkaUuids.fromKafka(topic.topicId()), data.index())
                : partitions.ofDestination(topic.name(), data.index());
        Topics.checkNotInternal(partition.id().topic());
        ByteBuf batches = ProduceRecords.buffer(data);
        if (batches == null || !batches.isReadable()) {
            throw noWholeBatch(partition);
        }
        checkFormat(version, batches, partition);
        ClientRecords.validate(batches, partition);
        TransactionVerifier verifier = BatchHeader.isTransactional(batches, batches.readerIndex())
                ? transactions.verifier(transactionalId, partition, version)
                : null;
        ByteBuf kept = batches.retain();
        partition.execute(() -> Completions.whenDone(
                verifier == null
                        ? partition.append(Append.ofClient(kept))
                        : partition.appendTransactional(kept, verifier),
                (appended, failure) -> answer.onPart(slot, appended, failure)));
    }

    private static BrokerException noWholeBatch(Partition partition) {
        return new BrokerException(Code.INVALID_RECORD, "No whole record batch for " + partition.id());
    }

    /** What Kafka refuses whatever the batch holds: a part of one, several, formats that the version has not. */
    private static void checkFormat(short version, ByteBuf batches, Partition partition) {
        int index = batches.readerIndex();
        int there = batches.readableBytes();
        if (there <= BatchHeader.MAGIC) {
            throw noWholeBatch(partition);
        }
        if (BatchHeader.magic(batches, index) < BatchHeader.MAGIC_V2) {
            throw new BrokerException(
                    Code.INVALID_RECORD,
                    "Records for " + partition.id() + " are in message format " + BatchHeader.magic(batches, index)
                            + "; produce requests from version 3 on hold format 2");
        }
        // A length that no batch can have is left to the batch's own checks.
        int length = batches.getInt(index + BatchHeader.LENGTH);
        if (length > there - BatchHeader.LOG_OVERHEAD) {
            throw noWholeBatch(partition);
        }
        if (length >= BatchHeader.SIZE - BatchHeader.LOG_OVERHEAD && length < there - BatchHeader.LOG_OVERHEAD) {
            throw new BrokerException(
                    Code.INVALID_RECORD,
                    "More than one record batch for " + partition.id() + "; a produce request may hold one for each"
                            + " partition");
        }
        if (there >= BatchHeader.SIZE
                && version < FIRST_VERSION_WITH_ZSTD
                && (BatchHeader.attributes(batches, index) & CODEC_BITS) == ZSTD) {
            throw new RefusedException(
                    Errors.UNSUPPORTED_COMPRESSION_TYPE,
                    "Produce requests with version " + version + " are not allowed to use ZStandard compression");
        }
    }
}
