// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.InMemoryCluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.net.NetworkServer;
import io.millrace.broker.partition.ManualOwnerLoop;
import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.partition.PartitionSettings;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.memory.InMemoryLogStore;
import io.millrace.protocol.message.AskDecision;
import io.millrace.protocol.message.AskDecision.Decision;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches.State;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a broker asks another about what a client has left behind (docs/decisions/0020), on a clock moved by hand. */
@Timeout(30)
class BundleResolverTest {
    private static final int HERE = 1;
    private static final int THERE = 2;
    private static final long INTERVAL_MS = 1_000;
    private static final UUID BUNDLE = new UUID(0, 5);

    /** A question to another broker, and its answer to be. */
    private record Asked(int broker, MillraceRequest request, CompletableFuture<MillraceResponse> answer) {}

    private final List<Asked> asked = new ArrayList<>();
    private final ManualOwnerLoop loop = new ManualOwnerLoop();
    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryLogStore store = new InMemoryLogStore();
    private final OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(1));
    private final DeliveryMachines machines = new DeliveryMachines(DeliverySettings.of(BrokerConfig.defaults()));
    private final Partitions partitions =
            new Partitions(HERE, cluster, store, loops, loop, PartitionSettings.DEFAULT, List.of(machines));
    private TopicInfo topic;
    private int looks;

    @BeforeEach
    void start() {
        cluster.register(new BrokerInfo(THERE, UUID.randomUUID(), "127.0.0.1", 1, null))
                .join();
        topic = cluster.createTopic("decides", List.of(THERE), Map.of()).join();
        Decisions decisions = new Decisions(cluster, partitions);
        SpillLogs logs = new SpillLogs(store, loop);
        SpillApplier applier = new SpillApplier(logs, machines.spills());
        OpenSpills spills = new OpenSpills(partitions, machines.bundles(), logs, Long.MAX_VALUE, () -> 0);
        Bundles bundles = new Bundles(partitions, machines, decisions, spills, applier);
        Branches branches = new Branches(cluster, partitions, loop, bundles, machines, spills, logs, applier);
        Peers peers = (broker, request) -> {
            Asked question = new Asked(broker, request, new CompletableFuture<>());
            asked.add(question);
            return question.answer();
        };
        new BundleResolver(HERE, cluster, branches, decisions, machines, peers, loop, loop, INTERVAL_MS, () -> looks++)
                .start();
    }

    @AfterEach
    void stop() {
        partitions.close();
        loops.close();
        store.close();
        cluster.close();
    }

    private void prepareAPart() {
        BranchId part = BranchId.ofBundle(new BranchId.Bundle(BUNDLE, topic.id(), 0), 0);
        PartitionId at = new PartitionId(new UUID(0, 9), "takes-part", 0);
        machines.branches()
                .put(
                        at,
                        new PreparedBranch(
                                part,
                                UUID.randomUUID(),
                                loop.wallMs(),
                                List.of(at),
                                List.of(),
                                null,
                                0,
                                0,
                                State.PREPARED));
    }

    private void decide() {
        machines.decisions()
                .put(
                        BUNDLE,
                        new DecisionIndex.Decision(
                                new PartitionId(topic.id(), "decides", 0), List.of(new Commit.Participant(0, THERE))));
    }

    private void answer(MillraceResponse response) {
        asked.get(asked.size() - 1).answer().complete(response);
    }

    @Test
    void aPartIsLeftToItsClientForTwoIntervalsAndThenAskedAbout() {
        prepareAPart();
        loop.advanceMs(2 * INTERVAL_MS - 1);
        assertEquals(List.of(), asked);

        loop.advanceMs(1);

        assertEquals(1, asked.size());
        assertEquals(THERE, asked.get(0).broker());
        assertEquals(new AskDecision(BUNDLE, topic.id(), 0), asked.get(0).request());
    }

    @Test
    void aQuestionIsNotRepeatedBeforeItIsAnswered() {
        prepareAPart();
        loop.advanceMs(20 * INTERVAL_MS);

        assertEquals(1, asked.size());
    }

    @Test
    void aQuestionThatFailedIsAskedAgainAtTheNextLook() {
        prepareAPart();
        loop.advanceMs(2 * INTERVAL_MS);
        asked.get(0).answer().completeExceptionally(new IllegalStateException("away"));
        assertEquals(1, asked.size());

        loop.advanceMs(INTERVAL_MS);
        answer(new AskDecision.Response(Status.of(ErrorCode.UNAVAILABLE, "recovering"), Decision.OPEN));
        loop.advanceMs(INTERVAL_MS);

        assertEquals(3, asked.size());
    }

    @Test
    void aPartWhoseBundleIsOpenIsAskedAboutUntilThatIsDecided() {
        prepareAPart();
        loop.advanceMs(2 * INTERVAL_MS);
        for (int i = 0; i < 5; i++) {
            answer(new AskDecision.Response(Status.OK, Decision.OPEN));
            loop.advanceMs(INTERVAL_MS);
        }

        assertEquals(6, asked.size());
    }

    @Test
    void aDecisionIsLeftToItsClientForTenIntervalsAndThenAppliedOnce() {
        decide();
        loop.advanceMs(11 * INTERVAL_MS - 1); // the first look finds it
        assertEquals(List.of(), asked);

        loop.advanceMs(1);

        assertEquals(1, asked.size());
        EndBranch end = (EndBranch) asked.get(0).request();
        assertEquals(Action.COMMIT, end.action());
        assertEquals(BUNDLE, end.branch().bundle().bundleId());
        answer(new EndBranch.Response(Status.OK, Outcome.DONE));
        loop.advanceMs(30 * INTERVAL_MS);
        assertEquals(1, asked.size());
    }

    @Test
    void aDecisionThatCouldNotBeAppliedIsTriedAgainUntilItsParticipantHasEnded() {
        decide();
        loop.advanceMs(11 * INTERVAL_MS);
        answer(new EndBranch.Response(Status.of(ErrorCode.UNAVAILABLE, "recovering"), Outcome.DONE));
        loop.advanceMs(INTERVAL_MS);
        assertEquals(2, asked.size());

        answer(new EndBranch.Response(Status.of(ErrorCode.UNKNOWN_BRANCH, "ended before"), Outcome.DONE));

        loop.advanceMs(30 * INTERVAL_MS);
        assertEquals(2, asked.size());
    }

    @Test
    void whatIsForgottenMeanwhileIsNotAskedAbout() {
        decide();
        loop.advanceMs(9 * INTERVAL_MS);
        machines.decisions().remove(BUNDLE);

        loop.advanceMs(30 * INTERVAL_MS);

        assertEquals(List.of(), asked);
    }

    @Test
    void whatNoTransactionNeedsIsLookedForAtEachLook() {
        loop.advanceMs(5 * INTERVAL_MS);

        assertEquals(5, looks);
    }
}
