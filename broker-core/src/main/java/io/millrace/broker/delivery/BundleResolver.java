// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.message.AskDecision;
import io.millrace.protocol.message.AskDecision.Decision;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings bundles over several brokers to their end where the client did not. As a participant it asks the coordinator
 * what became of the parts that are prepared here; as the coordinator it has decisions applied that are not forgotten.
 * Both are repeated until they succeed, and may meet each other and the client: whoever ends a part first is right,
 * for all follow the one decision. On one loop, which nothing here blocks.
 */
final class BundleResolver {
    private static final Logger LOG = LoggerFactory.getLogger(BundleResolver.class);

    /** A part that is younger, in intervals, is the client's, most likely. */
    private static final int AGE_OF_PARTS = 2;

    private static final int AGE_OF_DECISIONS = 10;

    /** How long a client may still ask, over a new link, what became of its bundle. */
    private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final int brokerId;
    private final Cluster cluster;
    private final Branches branches;
    private final BranchIndex parts;
    private final Decisions decisions;
    private final DecisionIndex decided;
    private final Peers peers;
    private final OwnerLoop loop;
    private final long intervalMs;
    private final Runnable removeLeftovers;
    private final BrokerClock clock;
    private final Map<UUID, Long> seenSince = new HashMap<>();
    /** What is being asked about now. */
    private final Set<Object> underWay = ConcurrentHashMap.newKeySet();
    /** What was complained about. */
    private final Set<Object> stuck = ConcurrentHashMap.newKeySet();

    /**
     * @param intervalMs between two looks, milliseconds
     * @param removeLeftovers deletes what nobody needs; called at each look
     */
    BundleResolver(
            int brokerId,
            Cluster cluster,
            Branches branches,
            Decisions decisions,
            DeliveryMachines machines,
            Peers peers,
            OwnerLoop loop,
            BrokerClock clock,
            long intervalMs,
            Runnable removeLeftovers) {
        this.removeLeftovers = removeLeftovers;
        this.clock = clock;
        this.brokerId = brokerId;
        this.cluster = cluster;
        this.branches = branches;
        this.parts = machines.branches();
        this.decisions = decisions;
        this.decided = machines.decisions();
        this.peers = peers;
        this.loop = loop;
        this.intervalMs = intervalMs;
    }

    /** Looks from now on, for as long as the loop runs. */
    void start() {
        var unused = loop.schedule(this::look, intervalMs);
    }

    private void look() {
        try {
            var prepared = parts.all();
            prepared.forEach((branch, of) -> {
                if (branch.isOfBundle() && of.values().stream().anyMatch(this::isLeftBehind)) {
                    attend(branch, "part " + branch, () -> resolve(branch));
                }
            });
            Map<UUID, DecisionIndex.Decision> present = decided.all();
            seenSince.keySet().retainAll(present.keySet());
            present.forEach(this::look);
            removeLeftovers.run();
            stuck.removeIf(key -> !prepared.containsKey(key) && !present.containsKey(key)); // others ended it
        } finally {
            start();
        }
    }

    private boolean isLeftBehind(PreparedBranch part) {
        long ageMs = clock.wallMs() - part.preparedAtMs();
        return part.isPrepared() && (ageMs < 0 || ageMs >= AGE_OF_PARTS * intervalMs); // the wall clock may jump
    }

    private void look(UUID bundle, DecisionIndex.Decision decision) {
        long age = clock.nanos() - seenSince.computeIfAbsent(bundle, any -> clock.nanos());
        if (age < TimeUnit.MILLISECONDS.toNanos(AGE_OF_DECISIONS * intervalMs)) {
            return;
        }
        if (!decided.isApplied(bundle)) {
            attend(bundle, "bundle " + bundle, () -> apply(bundle, decision));
        } else if (age >= REMEMBERED_NANOS) {
            attend(bundle, "bundle " + bundle, () -> decisions.forget(decision.partition(), bundle));
        }
    }

    /** Makes a call unless it is under way; it is made again at a later look when it failed. */
    private void attend(Object key, String what, Supplier<CompletableFuture<?>> call) {
        if (!underWay.add(key)) {
            return;
        }
        var unused = begun(call).handle((done, failure) -> {
            underWay.remove(key);
            if (failure == null) {
                stuck.remove(key);
            } else if (stuck.add(key)) {
                LOG.warn(
                        "The outcome of {} is not known everywhere yet, this is tried again: {}",
                        what,
                        Completions.unwrap(failure).getMessage());
            }
            return "";
        });
    }

    private static CompletableFuture<?> begun(Supplier<CompletableFuture<?>> call) {
        try {
            return call.get();
        } catch (RuntimeException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private CompletableFuture<Outcome> resolve(BranchId branch) {
        BranchId.Bundle bundle = branch.bundle();
        TopicInfo topic = cluster.view().topic(bundle.topicId());
        if (topic == null || bundle.partition() >= topic.partitions().size()) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "the topic with id " + bundle.topicId() + ", which knows it, is gone; end the part by"
                            + " './millrace tx commit' or 'rollback'"));
        }
        int owner = topic.partitions().get(bundle.partition()).owner();
        return ask(owner, new AskDecision(bundle.bundleId(), bundle.topicId(), bundle.partition()))
                .thenCompose(decision -> switch (decision) {
                    case OPEN -> CompletableFuture.completedFuture(Outcome.DONE); // its client is about to
                    case COMMITTED -> end(branch, Action.COMMIT);
                    case ABORTED -> end(branch, Action.ROLLBACK);
                });
    }

    private CompletableFuture<Outcome> end(BranchId branch, Action action) {
        return Calls.attempt(() -> branches.end(new EndBranch(UUID.randomUUID(), branch, action, false)));
    }

    private CompletableFuture<Decision> ask(int owner, AskDecision question) {
        if (owner == brokerId) {
            return Calls.attempt(() -> decisions.ask(question));
        }
        return peers.ask(owner, question).thenApply(answer -> {
            if (!(answer instanceof AskDecision.Response response)
                    || !answer.status().isOk()) {
                throw new DeliveryException(
                        ErrorCode.UNAVAILABLE, String.valueOf(answer.status().message()));
            }
            return response.decision();
        });
    }

    private CompletableFuture<?> apply(UUID bundle, DecisionIndex.Decision decision) {
        BranchId.Bundle named = new BranchId.Bundle(
                bundle, decision.partition().topicId(), decision.partition().partition());
        Collection<CompletableFuture<?>> calls = new ArrayList<>();
        for (Commit.Participant participant : decision.participants()) {
            BranchId branch = BranchId.ofBundle(named, participant.number());
            EndBranch commit = new EndBranch(UUID.randomUUID(), branch, Action.COMMIT, false);
            calls.add(participant.brokerId() == brokerId ? here(commit) : there(participant.brokerId(), commit));
        }
        return Calls.all(calls).thenRun(() -> decided.onApplied(bundle));
    }

    private CompletableFuture<?> here(EndBranch commit) {
        return Calls.attempt(() -> branches.end(commit)).handle((done, failure) -> {
            if (failure == null || isUnknown(failure)) {
                return "";
            }
            throw new DeliveryException(ErrorCode.UNAVAILABLE, String.valueOf(failure.getMessage()));
        });
    }

    private static boolean isUnknown(Throwable failure) {
        return Completions.unwrap(failure) instanceof DeliveryException known
                && known.code() == ErrorCode.UNKNOWN_BRANCH;
    }

    private CompletableFuture<?> there(int broker, EndBranch commit) {
        return peers.ask(broker, commit).thenAccept(answer -> {
            if (!answer.status().isOk() && answer.status().code() != ErrorCode.UNKNOWN_BRANCH) {
                throw new DeliveryException(
                        ErrorCode.UNAVAILABLE, String.valueOf(answer.status().message()));
            }
        });
    }
}
