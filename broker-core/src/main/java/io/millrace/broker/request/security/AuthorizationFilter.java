// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.acl.Acls;
import io.millrace.broker.acl.Operation;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.request.MillraceRefusals;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.request.RequestFilter;
import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.Browse;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.CreateTemporary;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Spill;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.Unsubscribe;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Enforces the access rules before all handlers. An API without a rule is refused. A JMS consumer is checked as it
 * subscribes, for its destination and for the name of its subscription as a group; what it pulls and acknowledges later it
 * was allowed then.
 */
final class AuthorizationFilter implements RequestFilter {
    private static final Set<Short> FREE =
            Set.of(ApiKeys.API_VERSIONS.id, ApiKeys.SASL_HANDSHAKE.id, ApiKeys.SASL_AUTHENTICATE.id);

    /** The transactional id that stands for all branches of distributed transactions. */
    private static final String XA = "xa";

    private final Acls acls;
    private final Cluster cluster;
    private final AccessRules rules = rules();

    AuthorizationFilter(Acls acls, Cluster cluster) {
        this.acls = acls;
        this.cluster = cluster;
    }

    private static AccessRules rules() {
        return TransactionRules.add(
                ClusterRules.add(GroupRules.add(ShareRules.add(TopicRules.add(DataRules.add(new AccessRules()))))));
    }

    /** Whether this API can be used at all. */
    static boolean covers(short apiKey) {
        return FREE.contains(apiKey) || rules().covers(apiKey);
    }

    @Override
    public CompletionStage<? extends @Nullable ApiMessage> handle(
            RequestContext context, short apiKey, ApiMessage request, Next next) {
        return FREE.contains(apiKey)
                ? next.handle(request)
                : rules.apply(apiKey, new Access(acls, cluster.view(), context), request, next);
    }

    @Override
    public CompletionStage<? extends MillraceResponse> handle(
            RequestContext context, MillraceRequest request, MillraceNext next) {
        Access access = new Access(acls, cluster.view(), context);
        String refused = refused(access, request);
        return refused == null
                ? next.handle(request)
                : CompletableFuture.completedFuture(MillraceRefusals.of(
                        request, Status.of(ErrorCode.NOT_AUTHORIZED, access + " may not " + refused)));
    }

    private static @Nullable String refused(Access access, MillraceRequest request) {
        if (request instanceof OpenDestination open) {
            if (ReservedNames.isTemporary(open.name())) {
                return null; // tells where it is, no more
            } else if (!access.topic(Operation.READ, open.name()) && !access.topic(Operation.WRITE, open.name())) {
                return "READ or WRITE topic " + open.name();
            } else if (!access.exists(open.name()) && !access.mayCreate(open.name())) {
                return "CREATE topic " + open.name();
            }
        } else if (request instanceof Subscribe subscribe) {
            // A temporary destination is received from by its own connection alone, which was allowed to make it.
            if (!ReservedNames.isTemporary(subscribe.destination())
                    && !access.topic(Operation.READ, subscribe.destination())) {
                return "READ topic " + subscribe.destination();
            } else if (!subscribe.subscription().isEmpty() && !access.group(Operation.READ, subscribe.subscription())) {
                return "READ group " + subscribe.subscription();
            }
            String letters = subscribe.redelivery().deadLetterQueue();
            if (letters != null && !access.topic(Operation.WRITE, letters)) {
                return "WRITE topic " + letters + " (the consumer's dead-letter queue)";
            } else if (letters != null && !access.exists(letters) && !access.mayCreate(letters)) {
                return "CREATE topic " + letters + " (the consumer's dead-letter queue)";
            }
        } else if (request instanceof Browse browse) {
            if (!ReservedNames.isTemporary(browse.destination())
                    && !access.topic(Operation.READ, browse.destination())) {
                return "READ topic " + browse.destination();
            }
        } else if (request instanceof CreateTemporary) {
            if (!access.mayCreate(ReservedNames.TEMPORARY_PREFIX)) {
                return "CREATE topic " + ReservedNames.TEMPORARY_PREFIX + " (a temporary destination)";
            }
        } else if (request instanceof Unsubscribe unsubscribe) {
            if (!access.group(Operation.READ, unsubscribe.subscription())) {
                return "READ group " + unsubscribe.subscription();
            }
        } else if (request instanceof ListGroups list) {
            if (list.destination().isEmpty()
                    ? !access.cluster(Operation.DESCRIBE)
                    : !access.topic(Operation.DESCRIBE, list.destination())) {
                return list.destination().isEmpty() ? "DESCRIBE cluster" : "DESCRIBE topic " + list.destination();
            }
        } else if (request instanceof ManageGroup manage) {
            return refused(access, manage);
        } else if (request instanceof Commit commit) {
            String sends = refused(access, commit.sends());
            return sends == null && commit.isDecision() ? refusedToDecideIn(access, commit.destination()) : sends;
        } else if (request instanceof Prepare prepare) {
            String sends = refused(access, prepare.sends());
            return sends == null && !prepare.branch().isOfBundle() ? refusedXa(access, Operation.WRITE) : sends;
        } else if (request instanceof Spill spill) {
            return refused(access, spill.sends());
        } else if (request instanceof EndBranch end) {
            if (!end.heuristic() && end.branch().isOfBundle()) {
                return null; // who knows its name, which is random and listed only to who may end it, has a part in it
            }
            return end.heuristic() && !access.cluster(Operation.ALTER)
                    ? "ALTER cluster"
                    : refusedXa(access, Operation.WRITE);
        } else if (request instanceof ListBranches list) {
            return refusedXa(access, list.withBundles() ? Operation.WRITE : Operation.DESCRIBE);
        } else if (request instanceof BeginBundle begin) {
            return refusedToDecideIn(access, begin.destination());
        }
        return null;
    }

    private static @Nullable String refused(Access access, List<Commit.Send> sends) {
        for (Commit.Send send : sends) {
            if (!access.topic(Operation.WRITE, send.destination())) {
                return "WRITE topic " + send.destination();
            }
        }
        return null;
    }

    /** A bundle is decided in a partition that it touches. */
    private static @Nullable String refusedToDecideIn(Access access, String topic) {
        return access.topic(Operation.WRITE, topic) || access.topic(Operation.READ, topic)
                ? null
                : "WRITE or READ topic " + topic;
    }

    /** Branches are one resource: who may recover must see and end all of them. */
    private static @Nullable String refusedXa(Access access, Operation operation) {
        return access.transaction(operation, XA) ? null : operation + " transactional id " + XA;
    }

    /** Who purges, or deletes a subscription, deletes; who moves writes there, and a retry writes wherever dead letters came from. */
    private static @Nullable String refused(Access access, ManageGroup manage) {
        boolean destroys = manage.action() == ManageGroup.Action.PURGE || manage.action() == ManageGroup.Action.DELETE;
        Operation needed = destroys ? Operation.DELETE : Operation.ALTER;
        if (!access.topic(needed, manage.destination())) {
            return needed + " topic " + manage.destination();
        } else if (manage.action() == ManageGroup.Action.MOVE && !access.topic(Operation.WRITE, manage.target())) {
            return "WRITE topic " + manage.target();
        } else if (manage.action() == ManageGroup.Action.RETRY && !access.cluster(Operation.ALTER)) {
            return "ALTER cluster";
        }
        return null;
    }
}
