// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static io.millrace.broker.acl.Operation.ALTER;
import static io.millrace.broker.acl.Operation.ALTER_CONFIGS;
import static io.millrace.broker.acl.Operation.DELETE;
import static io.millrace.broker.acl.Operation.DESCRIBE;
import static io.millrace.broker.acl.Operation.DESCRIBE_CONFIGS;

import io.millrace.broker.acl.Operation;
import io.millrace.broker.request.RequestFilter.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Topics and settings: what is denied is taken out of the request and answered with an error of its own. */
final class TopicRules {
    private static final short DENIED = Errors.TOPIC_AUTHORIZATION_FAILED.code();
    private static final byte TOPIC = 2;
    private static final byte GROUP = 32;

    private TopicRules() {}

    static AccessRules add(AccessRules rules) {
        return rules.on(ApiKeys.METADATA, MetadataRequestData.class, TopicRules::metadata)
                .on(
                        ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                        DescribeTopicPartitionsRequestData.class,
                        TopicRules::topicPartitions)
                .on(ApiKeys.CREATE_TOPICS, CreateTopicsRequestData.class, TopicRules::createTopics)
                .on(ApiKeys.DELETE_TOPICS, DeleteTopicsRequestData.class, TopicRules::deleteTopics)
                .on(ApiKeys.DELETE_RECORDS, DeleteRecordsRequestData.class, TopicRules::deleteRecords)
                .on(ApiKeys.CREATE_PARTITIONS, CreatePartitionsRequestData.class, TopicRules::createPartitions)
                .on(ApiKeys.DESCRIBE_CONFIGS, DescribeConfigsRequestData.class, TopicRules::describeConfigs)
                .on(ApiKeys.ALTER_CONFIGS, AlterConfigsRequestData.class, TopicRules::alterConfigs)
                .on(
                        ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                        IncrementalAlterConfigsRequestData.class,
                        TopicRules::incrementalAlterConfigs);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> metadata(
            Access access, MetadataRequestData request, Next next) {
        List<MetadataResponseTopic> denied = new ArrayList<>();
        MetadataRequestData allowed = request.duplicate();
        boolean named = request.topics() != null && !request.topics().isEmpty();
        if (named) {
            allowed.topics().removeIf(topic -> {
                boolean refuse = !mayDescribe(access, request, topic);
                if (refuse) {
                    denied.add(refused(topic));
                }
                return refuse;
            });
        }
        boolean onlyBrokers = named && allowed.topics().isEmpty();
        return AccessRules.after(next.handle(allowed), MetadataResponseData.class, response -> {
            // An empty list asks for all topics in version 0.
            response.topics()
                    .removeIf(topic -> onlyBrokers || (topic.name() != null && !access.topic(DESCRIBE, topic.name())));
            if (request.includeTopicAuthorizedOperations()) {
                response.topics().forEach(topic -> {
                    if (topic.name() != null && topic.errorCode() == Errors.NONE.code()) {
                        topic.setTopicAuthorizedOperations(access.topicOperations(topic.name()));
                    }
                });
            }
            if (request.includeClusterAuthorizedOperations()) {
                response.setClusterAuthorizedOperations(access.clusterOperations());
            }
            response.topics().addAll(denied);
        });
    }

    private static boolean mayDescribe(Access access, MetadataRequestData request, MetadataRequestTopic topic) {
        String name = topic.name();
        if (!access.topic(DESCRIBE, name, topic.topicId())) {
            return false;
        }
        boolean wouldCreate = name != null
                && !name.isEmpty()
                && !access.exists(name)
                && (access.version() < 4 || request.allowAutoTopicCreation());
        return !wouldCreate || access.mayCreate(name);
    }

    private static MetadataResponseTopic refused(MetadataRequestTopic topic) {
        boolean byId = topic.name() == null;
        return new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.topicId())
                .setErrorCode(byId ? Errors.UNKNOWN_TOPIC_ID.code() : DENIED)
                .setTopicAuthorizedOperations(Integer.MIN_VALUE);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> topicPartitions(
            Access access, DescribeTopicPartitionsRequestData request, Next next) {
        List<DescribeTopicPartitionsResponseTopic> denied = new ArrayList<>();
        DescribeTopicPartitionsRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(DESCRIBE, topic.name());
            if (refuse) {
                denied.add(new DescribeTopicPartitionsResponseTopic()
                        .setName(topic.name())
                        .setErrorCode(DENIED)
                        .setTopicAuthorizedOperations(Integer.MIN_VALUE));
            }
            return refuse;
        });
        boolean nothing = !request.topics().isEmpty() && allowed.topics().isEmpty();
        return AccessRules.after(next.handle(allowed), DescribeTopicPartitionsResponseData.class, response -> {
            response.topics()
                    .removeIf(topic -> nothing || topic.name() == null || !access.topic(DESCRIBE, topic.name()));
            response.topics().stream()
                    .filter(topic -> topic.errorCode() == Errors.NONE.code())
                    .forEach(topic -> topic.setTopicAuthorizedOperations(access.topicOperations(topic.name())));
            response.topics().addAll(denied);
        });
    }

    private static CompletionStage<? extends @Nullable ApiMessage> createTopics(
            Access access, CreateTopicsRequestData request, Next next) {
        List<CreatableTopicResult> denied = new ArrayList<>();
        CreateTopicsRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.mayCreate(topic.name());
            if (refuse) {
                denied.add(new CreatableTopicResult()
                        .setName(topic.name())
                        .setErrorCode(DENIED)
                        .setErrorMessage(access + " may not CREATE topic " + topic.name()));
            }
            return refuse;
        });
        return AccessRules.after(next.handle(allowed), CreateTopicsResponseData.class, response -> {
            response.topics().stream()
                    .filter(topic -> topic.errorCode() == Errors.NONE.code())
                    .filter(topic -> !access.topic(DESCRIBE_CONFIGS, topic.name()))
                    .forEach(topic -> topic.setTopicConfigErrorCode(DENIED)
                            .setNumPartitions(-1)
                            .setReplicationFactor((short) -1)
                            .setConfigs(List.of()));
            response.topics().addAll(denied);
        });
    }

    private static CompletionStage<? extends @Nullable ApiMessage> deleteTopics(
            Access access, DeleteTopicsRequestData request, Next next) {
        List<DeletableTopicResult> denied = new ArrayList<>();
        DeleteTopicsRequestData allowed = request.duplicate();
        allowed.topicNames().removeIf(name -> {
            boolean refuse = !access.topic(DELETE, name);
            if (refuse) {
                denied.add(new DeletableTopicResult().setName(name).setErrorCode(DENIED));
            }
            return refuse;
        });
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(DELETE, topic.name(), topic.topicId());
            if (refuse) {
                denied.add(new DeletableTopicResult()
                        .setName(topic.name())
                        .setTopicId(topic.topicId())
                        .setErrorCode(DENIED));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                DeleteTopicsResponseData.class,
                response -> response.responses().addAll(denied));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> deleteRecords(
            Access access, DeleteRecordsRequestData request, Next next) {
        List<DeleteRecordsTopicResult> denied = new ArrayList<>();
        DeleteRecordsRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(DELETE, topic.name());
            if (refuse) {
                DeleteRecordsTopicResult result = new DeleteRecordsTopicResult().setName(topic.name());
                topic.partitions()
                        .forEach(partition -> result.partitions()
                                .add(new DeleteRecordsPartitionResult()
                                        .setPartitionIndex(partition.partitionIndex())
                                        .setLowWatermark(-1)
                                        .setErrorCode(DENIED)));
                denied.add(result);
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                DeleteRecordsResponseData.class,
                response -> response.topics().addAll(denied));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> createPartitions(
            Access access, CreatePartitionsRequestData request, Next next) {
        List<CreatePartitionsTopicResult> denied = new ArrayList<>();
        CreatePartitionsRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(ALTER, topic.name());
            if (refuse) {
                denied.add(new CreatePartitionsTopicResult()
                        .setName(topic.name())
                        .setErrorCode(DENIED)
                        .setErrorMessage(access + " may not ALTER topic " + topic.name()));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                CreatePartitionsResponseData.class,
                response -> response.setResults(AccessRules.joined(response.results(), denied)));
    }

    /** The error for one settings resource; {@link Errors#NONE} when it is allowed. */
    private static Errors config(Access access, Operation operation, byte type, String name) {
        if (type == TOPIC) {
            return access.topic(operation, name) ? Errors.NONE : Errors.TOPIC_AUTHORIZATION_FAILED;
        } else if (type == GROUP) {
            return access.group(operation, name) ? Errors.NONE : Errors.GROUP_AUTHORIZATION_FAILED;
        }
        return access.cluster(operation) ? Errors.NONE : Errors.CLUSTER_AUTHORIZATION_FAILED;
    }

    private static CompletionStage<? extends @Nullable ApiMessage> describeConfigs(
            Access access, DescribeConfigsRequestData request, Next next) {
        List<DescribeConfigsResult> denied = new ArrayList<>();
        DescribeConfigsRequestData allowed = request.duplicate();
        allowed.resources().removeIf(resource -> {
            Errors error = config(access, DESCRIBE_CONFIGS, resource.resourceType(), resource.resourceName());
            if (error != Errors.NONE) {
                denied.add(new DescribeConfigsResult()
                        .setResourceType(resource.resourceType())
                        .setResourceName(resource.resourceName())
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
            }
            return error != Errors.NONE;
        });
        return AccessRules.after(
                next.handle(allowed),
                DescribeConfigsResponseData.class,
                response -> response.setResults(AccessRules.joined(response.results(), denied)));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> alterConfigs(
            Access access, AlterConfigsRequestData request, Next next) {
        List<AlterConfigsResourceResponse> denied = new ArrayList<>();
        AlterConfigsRequestData allowed = request.duplicate();
        allowed.resources().removeIf(resource -> {
            Errors error = config(access, ALTER_CONFIGS, resource.resourceType(), resource.resourceName());
            if (error != Errors.NONE) {
                denied.add(new AlterConfigsResourceResponse()
                        .setResourceType(resource.resourceType())
                        .setResourceName(resource.resourceName())
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
            }
            return error != Errors.NONE;
        });
        return AccessRules.after(
                next.handle(allowed),
                AlterConfigsResponseData.class,
                response -> response.setResponses(AccessRules.joined(response.responses(), denied)));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> incrementalAlterConfigs(
            Access access, IncrementalAlterConfigsRequestData request, Next next) {
        List<IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse> denied = new ArrayList<>();
        IncrementalAlterConfigsRequestData allowed = request.duplicate();
        allowed.resources().removeIf(resource -> {
            Errors error = config(access, ALTER_CONFIGS, resource.resourceType(), resource.resourceName());
            if (error != Errors.NONE) {
                denied.add(new IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse()
                        .setResourceType(resource.resourceType())
                        .setResourceName(resource.resourceName())
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
            }
            return error != Errors.NONE;
        });
        return AccessRules.after(
                next.handle(allowed),
                IncrementalAlterConfigsResponseData.class,
                response -> response.setResponses(AccessRules.joined(response.responses(), denied)));
    }
}
