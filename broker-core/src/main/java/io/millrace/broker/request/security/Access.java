// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.acl.Acls;
import io.millrace.broker.acl.Operation;
import io.millrace.broker.acl.ResourceType;
import io.millrace.broker.auth.Principal;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.request.RequestContext;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** What the client of one request may do. Safe for any thread. */
final class Access {
    private static final Set<Operation> TOPIC_OPERATIONS = Set.of(
            Operation.READ,
            Operation.WRITE,
            Operation.CREATE,
            Operation.DELETE,
            Operation.ALTER,
            Operation.DESCRIBE,
            Operation.DESCRIBE_CONFIGS,
            Operation.ALTER_CONFIGS);
    private static final Set<Operation> GROUP_OPERATIONS = Set.of(
            Operation.READ, Operation.DELETE, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS, Operation.ALTER_CONFIGS);
    private static final Set<Operation> CLUSTER_OPERATIONS = Set.of(
            Operation.CREATE,
            Operation.ALTER,
            Operation.DESCRIBE,
            Operation.CLUSTER_ACTION,
            Operation.DESCRIBE_CONFIGS,
            Operation.ALTER_CONFIGS,
            Operation.IDEMPOTENT_WRITE);

    private final Acls acls;
    private final ClusterView view;
    private final Principal principal;
    private final String host;
    private final short version;
    private final RequestContext.Connection connection;

    Access(Acls acls, ClusterView view, RequestContext context) {
        this.acls = acls;
        this.view = view;
        this.principal = context.connection().session().principal();
        this.host = context.connection().remoteHost();
        this.version = context.apiVersion();
        this.connection = context.connection();
    }

    /** The request's version. */
    short version() {
        return version;
    }

    /** Ends the connection of a client that cannot be told otherwise. */
    void close(String reason) {
        connection.close(reason);
    }

    boolean topic(Operation operation, String name) {
        return may(operation, ResourceType.TOPIC, name);
    }

    /** As by name; an id that nobody knows is the handler's to refuse. */
    boolean topic(Operation operation, @Nullable String name, Uuid id) {
        String known = name == null || name.isEmpty() ? nameOf(id) : name;
        return known == null || topic(operation, known);
    }

    @Nullable
    String nameOf(Uuid id) {
        TopicInfo topic = view.topic(new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()));
        return topic == null ? null : topic.name();
    }

    boolean exists(String topic) {
        return view.topic(topic) != null;
    }

    boolean mayCreate(String topic) {
        return cluster(Operation.CREATE) || topic(Operation.CREATE, topic);
    }

    boolean mayWriteSomeTopic() {
        return acls.allowsSome(principal, host, Operation.WRITE, ResourceType.TOPIC);
    }

    boolean group(Operation operation, String name) {
        return may(operation, ResourceType.GROUP, name);
    }

    boolean transaction(Operation operation, String id) {
        return may(operation, ResourceType.TRANSACTIONAL_ID, id);
    }

    boolean cluster(Operation operation) {
        return may(operation, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
    }

    /** The bits of what is allowed, as the fields for authorized operations hold them (KIP-430). */
    int topicOperations(String name) {
        return bits(TOPIC_OPERATIONS, ResourceType.TOPIC, name);
    }

    int groupOperations(String name) {
        return bits(GROUP_OPERATIONS, ResourceType.GROUP, name);
    }

    int clusterOperations() {
        return bits(CLUSTER_OPERATIONS, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
    }

    private int bits(Set<Operation> operations, ResourceType type, String name) {
        return operations.stream()
                .filter(operation -> may(operation, type, name))
                .mapToInt(operation -> 1 << operation.code())
                .sum();
    }

    private boolean may(Operation operation, ResourceType type, String name) {
        return acls.allows(principal, host, operation, type, name);
    }

    @Override
    public String toString() {
        return principal + " from " + host;
    }
}
