// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.delivery.JmsKind;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** CreatePartitions: answered when the new partitions on this broker serve. JMS destinations keep the number they have. */
final class CreatePartitionsHandler implements KafkaHandler<CreatePartitionsRequestData> {
    private final Cluster cluster;
    private final Topics topics;

    CreatePartitionsHandler(Cluster cluster, Topics topics) {
        this.cluster = cluster;
        this.topics = topics;
    }

    @Override
    public CompletionStage<CreatePartitionsResponseData> handle(
            RequestContext context, CreatePartitionsRequestData request) {
        Map<String, Integer> named = new HashMap<>();
        request.topics().forEach(topic -> named.merge(topic.name(), 1, Integer::sum));
        List<CompletableFuture<CreatePartitionsTopicResult>> answers = new ArrayList<>();
        for (CreatePartitionsTopic topic : request.topics()) {
            boolean twice = named.getOrDefault(topic.name(), 1) > 1;
            answers.add(Answers.attempt(() -> grow(topic, twice, request.validateOnly()))
                    .handle((done, failure) -> answer(topic, failure)));
        }
        return Answers.all(answers).thenApply(results -> {
            CreatePartitionsResponseData response = new CreatePartitionsResponseData();
            response.results().addAll(results);
            return response;
        });
    }

    private CompletableFuture<Void> grow(CreatePartitionsTopic wanted, boolean twice, boolean validateOnly) {
        if (twice) {
            throw new RefusedException(Errors.INVALID_REQUEST, "Duplicate topic name.");
        }
        Topics.checkNotInternal(wanted.name());
        TopicInfo topic = topics.find(wanted.name());
        if (topic == null) {
            throw new BrokerException(Code.UNKNOWN_TOPIC, "There is no topic " + wanted.name());
        }
        if (JmsKind.of(topic) != null) {
            throw new RefusedException(
                    Errors.INVALID_REQUEST,
                    "Topic " + topic.name() + " is a JMS destination, whose number of partitions is fixed");
        }
        List<Integer> owners = owners(wanted, topics.checkGrowth(topic, wanted.count()));
        return validateOnly
                ? CompletableFuture.completedFuture(null)
                : topics.grow(topic.name(), wanted.count(), owners).thenApply(done -> null);
    }

    private @Nullable List<Integer> owners(CreatePartitionsTopic wanted, int added) {
        if (wanted.assignments() == null) {
            return null;
        }
        if (wanted.assignments().size() != added) {
            throw Assignments.refused("Attempted to add " + added + " additional partition(s), but only "
                    + wanted.assignments().size() + " assignment(s) were specified.");
        }
        return Assignments.owners(
                cluster.view(),
                wanted.assignments().stream()
                        .map(CreatePartitionsAssignment::brokerIds)
                        .toList());
    }

    private static CreatePartitionsTopicResult answer(CreatePartitionsTopic topic, @Nullable Throwable failure) {
        CreatePartitionsTopicResult result = new CreatePartitionsTopicResult().setName(topic.name());
        return failure == null
                ? result
                : result.setErrorCode(KafkaErrors.of(failure).code())
                        .setErrorMessage(Completions.unwrap(failure).getMessage());
    }
}
