// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Appended;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Completions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one produce request as it comes together: built on the network loop with a slot for each partition, each
 * filled once by the thread that has its outcome; the last one completes it.
 */
final class ProduceAnswer {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final int FIRST_VERSION_WITH_LEADERS = 10;

    private final RequestContext context;
    private final boolean wanted;
    private final CurrentLeaders leaders;
    private final ProduceResponseData response = new ProduceResponseData();
    private final CompletableFuture<@Nullable ProduceResponseData> answer = new CompletableFuture<>();
    private final AtomicInteger missing;

    ProduceAnswer(RequestContext context, ProduceRequestData request, CurrentLeaders leaders) {
        this.context = context;
        this.wanted = request.acks() != 0;
        this.leaders = leaders;
        int parts = 1;
        for (TopicProduceData topic : request.topicData()) {
            parts += topic.partitionData().size();
        }
        missing = new AtomicInteger(parts);
    }

    TopicProduceResponse topic(TopicProduceData topic) {
        TopicProduceResponse answered = new TopicProduceResponse();
        if (context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS) {
            answered.setTopicId(topic.topicId());
        } else {
            answered.setName(topic.name());
        }
        response.responses().add(answered);
        return answered;
    }

    /** A partition's outcome. Any thread; once for each slot. */
    void onPart(PartitionProduceResponse slot, @Nullable Appended appended, @Nullable Throwable failure) {
        if (appended != null) {
            slot.setBaseOffset(appended.baseOffset())
                    .setLogAppendTimeMs(appended.logAppendTimeMs())
                    .setLogStartOffset(appended.startOffset());
        } else {
            Throwable cause = failure == null ? new IllegalStateException("no answer") : Completions.unwrap(failure);
            slot.setErrorCode(KafkaErrors.of(cause).code()).setErrorMessage(cause.getMessage());
            if (cause instanceof BrokerException refused) {
                refused.recordErrors()
                        .forEach(record -> slot.recordErrors()
                                .add(new BatchIndexAndErrorMessage()
                                        .setBatchIndex(record.index())
                                        .setBatchIndexErrorMessage(record.message())));
            }
        }
        onDone();
    }

    /** All slots are there. Completes with {@code null} when nothing is to be answered. */
    CompletableFuture<@Nullable ProduceResponseData> whenComplete() {
        onDone();
        return answer;
    }

    private void onDone() {
        if (missing.decrementAndGet() > 0) {
            return;
        }
        if (!wanted) {
            closeIfRefused();
            answer.complete(null);
            return;
        }
        if (context.apiVersion() >= FIRST_VERSION_WITH_LEADERS) {
            addLeaders();
        }
        answer.complete(response);
    }

    /** With acks=0 nobody is told of an error; the end of the connection makes the client look for its leaders anew. */
    private void closeIfRefused() {
        for (TopicProduceResponse topic : response.responses()) {
            for (PartitionProduceResponse partition : topic.partitionResponses()) {
                if (partition.errorCode() != Errors.NONE.code()) {
                    context.connection()
                            .close("a produce request with acks=0 failed: " + Errors.forCode(partition.errorCode()));
                    return;
                }
            }
        }
    }

    private void addLeaders() {
        for (TopicProduceResponse topic : response.responses()) {
            for (PartitionProduceResponse partition : topic.partitionResponses()) {
                if (partition.errorCode() == Errors.NOT_LEADER_OR_FOLLOWER.code()) {
                    addLeader(topic, partition);
                }
            }
        }
    }

    private void addLeader(TopicProduceResponse topic, PartitionProduceResponse partition) {
        boolean byId = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        CurrentLeaders.Leader leader = leaders.of(byId ? null : topic.name(), topic.topicId(), partition.index());
        if (leader == null) {
            return;
        }
        partition
                .currentLeader()
                .setLeaderId(leader.ownership().owner())
                .setLeaderEpoch(leader.ownership().leaderEpoch());
        var broker = leader.broker();
        if (broker != null && response.nodeEndpoints().find(broker.id()) == null) {
            response.nodeEndpoints()
                    .add(new ProduceResponseData.NodeEndpoint()
                            .setNodeId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
    }
}
