// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static io.millrace.broker.acl.Operation.ALTER;
import static io.millrace.broker.acl.Operation.ALTER_CONFIGS;
import static io.millrace.broker.acl.Operation.DESCRIBE;
import static io.millrace.broker.acl.Operation.DESCRIBE_CONFIGS;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData.AlterUserScramCredentialsResult;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreateAclsResponseData.AclCreationResult;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsFilterResult;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** What is about the cluster as a whole. */
final class ClusterRules {
    private static final short DENIED = Errors.CLUSTER_AUTHORIZATION_FAILED.code();

    private ClusterRules() {}

    static AccessRules add(AccessRules rules) {
        return rules.on(
                        ApiKeys.DESCRIBE_CLUSTER,
                        DescribeClusterRequestData.class,
                        (access, request, next) ->
                                AccessRules.after(next.handle(request), DescribeClusterResponseData.class, response -> {
                                    if (request.includeClusterAuthorizedOperations()) {
                                        response.setClusterAuthorizedOperations(access.clusterOperations());
                                    }
                                }))
                .whole(
                        ApiKeys.DESCRIBE_LOG_DIRS,
                        DescribeLogDirsRequestData.class,
                        (access, request) -> access.cluster(DESCRIBE),
                        request -> new DescribeLogDirsResponseData().setErrorCode(DENIED))
                .whole(
                        ApiKeys.DESCRIBE_ACLS,
                        DescribeAclsRequestData.class,
                        (access, request) -> access.cluster(DESCRIBE),
                        request -> new DescribeAclsResponseData().setErrorCode(DENIED))
                .whole(
                        ApiKeys.CREATE_ACLS,
                        CreateAclsRequestData.class,
                        (access, request) -> access.cluster(ALTER),
                        request -> new CreateAclsResponseData()
                                .setResults(request.creations().stream()
                                        .map(creation -> new AclCreationResult().setErrorCode(DENIED))
                                        .toList()))
                .whole(
                        ApiKeys.DELETE_ACLS,
                        DeleteAclsRequestData.class,
                        (access, request) -> access.cluster(ALTER),
                        request -> new DeleteAclsResponseData()
                                .setFilterResults(request.filters().stream()
                                        .map(filter -> new DeleteAclsFilterResult().setErrorCode(DENIED))
                                        .toList()))
                .whole(
                        ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                        DescribeClientQuotasRequestData.class,
                        (access, request) -> access.cluster(DESCRIBE_CONFIGS),
                        request -> new DescribeClientQuotasResponseData()
                                .setErrorCode(DENIED)
                                .setEntries(null))
                .whole(
                        ApiKeys.ALTER_CLIENT_QUOTAS,
                        AlterClientQuotasRequestData.class,
                        (access, request) -> access.cluster(ALTER_CONFIGS),
                        ClusterRules::refused)
                .whole(
                        ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
                        DescribeUserScramCredentialsRequestData.class,
                        (access, request) -> access.cluster(DESCRIBE),
                        request -> new DescribeUserScramCredentialsResponseData().setErrorCode(DENIED))
                .whole(
                        ApiKeys.ALTER_USER_SCRAM_CREDENTIALS,
                        AlterUserScramCredentialsRequestData.class,
                        (access, request) -> access.cluster(ALTER),
                        ClusterRules::refused)
                .on(
                        ApiKeys.ELECT_LEADERS,
                        ElectLeadersRequestData.class,
                        (access, request, next) -> access.cluster(ALTER)
                                ? next.handle(request)
                                : CompletableFuture.completedFuture(refused(request, access.version())))
                .whole(
                        ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                        ListPartitionReassignmentsRequestData.class,
                        (access, request) -> access.cluster(DESCRIBE),
                        request -> new ListPartitionReassignmentsResponseData().setErrorCode(DENIED))
                .whole(
                        ApiKeys.LIST_CONFIG_RESOURCES,
                        ListConfigResourcesRequestData.class,
                        (access, request) -> access.cluster(DESCRIBE_CONFIGS),
                        request -> new ListConfigResourcesResponseData().setErrorCode(DENIED));
    }

    private static AlterClientQuotasResponseData refused(AlterClientQuotasRequestData request) {
        return new AlterClientQuotasResponseData()
                .setEntries(request.entries().stream()
                        .map(entry -> new AlterClientQuotasResponseData.EntryData()
                                .setErrorCode(DENIED)
                                .setEntity(entry.entity().stream()
                                        .map(part -> new AlterClientQuotasResponseData.EntityData()
                                                .setEntityType(part.entityType())
                                                .setEntityName(part.entityName()))
                                        .toList()))
                        .toList());
    }

    /** With a code for each partition as well: before version 1 there is none for the whole. */
    private static ElectLeadersResponseData refused(ElectLeadersRequestData request, int version) {
        ElectLeadersResponseData response = new ElectLeadersResponseData();
        if (request.topicPartitions() != null) {
            request.topicPartitions()
                    .forEach(topic -> response.replicaElectionResults()
                            .add(new ReplicaElectionResult()
                                    .setTopic(topic.topic())
                                    .setPartitionResult(topic.partitions().stream()
                                            .map(index -> new PartitionResult()
                                                    .setPartitionId(index)
                                                    .setErrorCode(DENIED))
                                            .toList())));
        }
        return version == 0 ? response : response.setErrorCode(DENIED);
    }

    private static AlterUserScramCredentialsResponseData refused(AlterUserScramCredentialsRequestData request) {
        AlterUserScramCredentialsResponseData response = new AlterUserScramCredentialsResponseData();
        request.upsertions()
                .forEach(change -> response.results()
                        .add(new AlterUserScramCredentialsResult()
                                .setUser(change.name())
                                .setErrorCode(DENIED)));
        request.deletions()
                .forEach(change -> response.results()
                        .add(new AlterUserScramCredentialsResult()
                                .setUser(change.name())
                                .setErrorCode(DENIED)));
        return response;
    }
}
