// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** DeleteTopics, by name or by id. */
final class DeleteTopicsHandler implements KafkaHandler<DeleteTopicsRequestData> {
    private static final int FIRST_VERSION_WITH_IDS = 6;
    private static final int FIRST_VERSION_WITH_MESSAGES = 5;

    private final Cluster cluster;
    private final Topics topics;

    DeleteTopicsHandler(Cluster cluster, Topics topics) {
        this.cluster = cluster;
        this.topics = topics;
    }

    @Override
    public CompletionStage<DeleteTopicsResponseData> handle(RequestContext context, DeleteTopicsRequestData request) {
        List<CompletableFuture<DeletableTopicResult>> answers = new ArrayList<>();
        boolean withMessages = context.apiVersion() >= FIRST_VERSION_WITH_MESSAGES;
        if (context.apiVersion() >= FIRST_VERSION_WITH_IDS) {
            request.topics().forEach(topic -> answers.add(delete(topic, request.topics(), withMessages)));
        } else {
            request.topicNames().forEach(name -> answers.add(delete(name, Uuid.ZERO_UUID, withMessages)));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    DeleteTopicsResponseData response = new DeleteTopicsResponseData();
                    answers.forEach(answer -> response.responses().add(answer.join()));
                    return response;
                });
    }

    private CompletableFuture<DeletableTopicResult> delete(
            DeleteTopicState topic, List<DeleteTopicState> all, boolean withMessages) {
        String name = topic.name();
        boolean byId = KafkaUuids.isSet(topic.topicId());
        String problem = null;
        if (name != null && byId) {
            problem = "You may not specify both topic name and topic id.";
        } else if (name == null && !byId) {
            problem = "Neither topic name nor id were specified.";
        } else if (all.stream().filter(topic::equals).count() > 1) {
            problem = name == null ? "Duplicate topic id." : "Duplicate topic name.";
        }
        return problem == null
                ? delete(name, topic.topicId(), withMessages)
                : CompletableFuture.completedFuture(new DeletableTopicResult()
                        .setName(name)
                        .setTopicId(topic.topicId())
                        .setErrorCode(Errors.INVALID_REQUEST.code())
                        .setErrorMessage(problem));
    }

    private CompletableFuture<Void> delete(String name) {
        try {
            Topics.checkNotInternal(name);
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return topics.delete(name);
    }

    private CompletableFuture<DeletableTopicResult> delete(@Nullable String name, Uuid id, boolean withMessages) {
        TopicInfo topic = name != null ? topics.find(name) : cluster.view().topic(KafkaUuids.fromKafka(id));
        CompletableFuture<Void> deleted;
        if (topic != null) {
            deleted = delete(topic.name());
        } else {
            deleted = CompletableFuture.failedFuture(
                    name != null
                            ? new BrokerException(Code.UNKNOWN_TOPIC, "There is no topic " + name)
                            : new BrokerException(Code.UNKNOWN_TOPIC_ID, "There is no topic with id " + id));
        }
        DeletableTopicResult result = new DeletableTopicResult()
                .setName(topic == null ? name : topic.name())
                .setTopicId(topic == null ? id : KafkaUuids.toKafka(topic.id()));
        return deleted.handle((done, failure) -> {
            if (failure != null) {
                result.setErrorCode(KafkaErrors.of(failure).code());
                if (withMessages) {
                    result.setErrorMessage(Completions.unwrap(failure).getMessage());
                }
            }
            return result;
        });
    }
}
