// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.acl.AclRule;
import io.millrace.broker.acl.Acls;
import io.millrace.broker.acl.Operation;
import io.millrace.broker.acl.ResourcePattern;
import io.millrace.broker.acl.ResourceType;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.request.KafkaErrors;
import io.millrace.broker.request.RequestContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsRequestData.AclCreation;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreateAclsResponseData.AclCreationResult;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData.DeleteAclsFilter;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsFilterResult;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsMatchingAcl;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.message.DescribeAclsResponseData.AclDescription;
import org.apache.kafka.common.message.DescribeAclsResponseData.DescribeAclsResource;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** DescribeAcls, CreateAcls and DeleteAcls: a document for each resource pattern. */
final class AclApis {
    private static final byte ANY = 1;
    private static final byte MATCH = 2;
    private static final byte LITERAL = 3;
    private static final byte PREFIXED = 4;
    private static final byte DENY = 2;
    private static final byte ALLOW = 3;

    private final Cluster cluster;
    private final Acls acls;

    AclApis(Cluster cluster, Acls acls) {
        this.cluster = cluster;
        this.acls = acls;
    }

    CompletionStage<DescribeAclsResponseData> describe(RequestContext context, DescribeAclsRequestData request) {
        Filter filter = new Filter(
                request.resourceTypeFilter(),
                request.resourceNameFilter(),
                request.patternTypeFilter(),
                request.principalFilter(),
                request.hostFilter(),
                request.operation(),
                request.permissionType());
        DescribeAclsResponseData response = new DescribeAclsResponseData();
        acls.all().forEach((pattern, rules) -> {
            List<AclDescription> described = rules.stream()
                    .filter(rule -> filter.matches(pattern) && filter.matches(rule))
                    .map(AclApis::describe)
                    .toList();
            if (!described.isEmpty()) {
                response.resources()
                        .add(new DescribeAclsResource()
                                .setResourceType(pattern.type().code())
                                .setResourceName(pattern.name())
                                .setPatternType(patternType(pattern))
                                .setAcls(described));
            }
        });
        return CompletableFuture.completedFuture(response);
    }

    private static AclDescription describe(AclRule rule) {
        return new AclDescription()
                .setPrincipal(rule.principal())
                .setHost(rule.host())
                .setOperation(rule.operation().code())
                .setPermissionType(rule.allow() ? ALLOW : DENY);
    }

    private static byte patternType(ResourcePattern pattern) {
        return pattern.prefixed() ? PREFIXED : LITERAL;
    }

    CompletionStage<CreateAclsResponseData> create(RequestContext context, CreateAclsRequestData request) {
        List<CompletableFuture<AclCreationResult>> results =
                request.creations().stream().map(this::create).toList();
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new CreateAclsResponseData()
                        .setResults(
                                results.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<AclCreationResult> create(AclCreation creation) {
        ResourceType type = ResourceType.forCode(creation.resourceType());
        Operation operation = Operation.forCode(creation.operation());
        byte patternType = creation.resourcePatternType();
        byte permission = creation.permissionType();
        AclCreationResult result = new AclCreationResult();
        String problem = null;
        if (type == null || operation == null) {
            problem =
                    "Rules are kept for topics, groups, the cluster and transactional ids, and for one operation each";
        } else if (patternType != LITERAL && patternType != PREFIXED) {
            problem = "A rule's pattern is LITERAL or PREFIXED";
        } else if (permission != ALLOW && permission != DENY) {
            problem = "A rule allows or denies";
        } else if (creation.resourceName().isEmpty()) {
            problem = "The name of the resource is empty";
        } else if (type == ResourceType.CLUSTER && !creation.resourceName().equals(ResourceType.CLUSTER_NAME)) {
            problem = "The only cluster is " + ResourceType.CLUSTER_NAME;
        } else if (!creation.principal().startsWith("User:")) {
            problem = "A principal is User:name, not '" + creation.principal() + "'";
        }
        if (problem != null || type == null || operation == null) {
            return CompletableFuture.completedFuture(
                    result.setErrorCode(Errors.INVALID_REQUEST.code()).setErrorMessage(problem));
        }
        ResourcePattern pattern = new ResourcePattern(type, patternType == PREFIXED, creation.resourceName());
        AclRule rule = new AclRule(creation.principal(), creation.host(), operation, permission == ALLOW);
        return cluster.updateDocument(Acls.DOCUMENTS, pattern.documentName(), old -> {
                    Map<String, String> changed = new HashMap<>(old);
                    changed.put(rule.toText(), "");
                    return changed;
                })
                .handle((done, failure) -> failure == null
                        ? result
                        : result.setErrorCode(KafkaErrors.of(failure).code()).setErrorMessage(failure.getMessage()));
    }

    CompletionStage<DeleteAclsResponseData> delete(RequestContext context, DeleteAclsRequestData request) {
        List<CompletableFuture<DeleteAclsFilterResult>> results =
                request.filters().stream().map(this::delete).toList();
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new DeleteAclsResponseData()
                        .setFilterResults(
                                results.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<DeleteAclsFilterResult> delete(DeleteAclsFilter wanted) {
        Filter filter = new Filter(
                wanted.resourceTypeFilter(),
                wanted.resourceNameFilter(),
                wanted.patternTypeFilter(),
                wanted.principalFilter(),
                wanted.hostFilter(),
                wanted.operation(),
                wanted.permissionType());
        DeleteAclsFilterResult result = new DeleteAclsFilterResult();
        CompletableFuture<?>[] changes = acls.all().entrySet().stream()
                .map(entry -> delete(
                        entry.getKey(),
                        filter.matches(entry.getKey())
                                ? entry.getValue().stream()
                                        .filter(filter::matches)
                                        .toList()
                                : List.of(),
                        result))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(changes)
                .handle((done, failure) -> failure == null
                        ? result
                        : result.setErrorCode(KafkaErrors.of(failure).code()).setErrorMessage(failure.getMessage()));
    }

    private CompletableFuture<Void> delete(
            ResourcePattern pattern, List<AclRule> rules, DeleteAclsFilterResult result) {
        if (rules.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        rules.forEach(rule -> result.matchingAcls()
                .add(new DeleteAclsMatchingAcl()
                        .setResourceType(pattern.type().code())
                        .setResourceName(pattern.name())
                        .setPatternType(patternType(pattern))
                        .setPrincipal(rule.principal())
                        .setHost(rule.host())
                        .setOperation(rule.operation().code())
                        .setPermissionType(rule.allow() ? ALLOW : DENY)));
        return cluster.updateDocument(Acls.DOCUMENTS, pattern.documentName(), old -> {
            Map<String, String> changed = new HashMap<>(old);
            rules.forEach(rule -> changed.remove(rule.toText()));
            return changed;
        });
    }

    /** What a request looks for; 1 stands for any of a kind, {@code null} for any name. */
    private record Filter(
            byte type,
            @Nullable String name,
            byte patternType,
            @Nullable String principal,
            @Nullable String host,
            byte operation,
            byte permission) {

        boolean matches(ResourcePattern pattern) {
            if (type != ANY && type != pattern.type().code()) {
                return false;
            }
            return switch (patternType) {
                case ANY -> name == null || name.equals(pattern.name());
                case MATCH -> name == null || pattern.matches(pattern.type(), name);
                default -> patternType == AclApis.patternType(pattern) && (name == null || name.equals(pattern.name()));
            };
        }

        boolean matches(AclRule rule) {
            return (principal == null || principal.equals(rule.principal()))
                    && (host == null || host.equals(rule.host()))
                    && (operation == ANY || operation == rule.operation().code())
                    && (permission == ANY || permission == (rule.allow() ? ALLOW : DENY));
        }
    }
}
