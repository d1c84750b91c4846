// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Spill;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.SubscriptionKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles in pieces, and branches that do not fit into memory, over a real socket and over crashes at every step. */
@Timeout(60)
class LargeTransactionsOverSocketTest extends LargeTransactions {
    @BeforeEach
    void subscribe() {
        client.sendTexts("in", "a");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "in");
    }

    @Test
    void piecesAreNotSentBeforeTheirCommitAndThenInOrderWithItsAcknowledgements() {
        Message a = client.pull(1, 1).get(0);
        sendPieces(PIECES);
        assertEquals("", heads(2, "out"));

        client.ok(commit(PIECES, a));

        assertEquals("0123", heads(4, "out"));
        crash();
        assertEquals("0123", heads(2, "out"));
        assertEquals("", heads(3, "in"));
        awaitNoLogs();
    }

    @Test
    void readersSeeNothingOfABundleBeforeAllOfItIsDurable() {
        sendPieces(PIECES);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> committed = client.send(commit(PIECES));

        String seen = "";
        int appends = 0;
        for (; seen.isEmpty(); appends++) {
            makeDurable(committed);
            seen = heads(10 + appends, "out");
        }

        assertEquals("0123", seen);
        assertTrue(appends > PIECES, appends + " appends");
        assertTrue(MillraceTestClient.await(committed).status().isOk());
    }

    /** What is durable at the crash: nothing, the commit, the commit and pieces of it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void afterACrashABundleIsThereAsAWholeOnceItsCommitWasDurable(int durable) {
        sendPieces(PIECES);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> committed = client.send(commit(PIECES));
        for (int i = 0; i < durable; i++) {
            makeDurable(committed);
        }
        awaitPending(1);
        broker.store().crash();
        broker.store().releaseAppends();

        crash();

        Status again = client.status(commit(PIECES));
        assertEquals(durable > 0, again.isOk(), again.toString());
        assertEquals(durable > 0 ? "0123" : "", heads(2, "out"));
        broker.removeLeftovers();
        awaitNoLogs();
        crash();
        assertEquals(durable > 0 ? "0123" : "", heads(2, "out"));
    }

    @Test
    void aCommitSentAgainWaitsUntilAllIsApplied() {
        sendPieces(PIECES);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> first = client.send(commit(PIECES));
        awaitPending(1);
        broker.store().releaseAppends(1);
        awaitPending(1);

        CompletableFuture<MillraceResponse> again = client.send(commit(PIECES));

        awaitPending(3); // the first piece, the snapshot after it, the outcome once more
        broker.store().releaseAppends(3);
        Awaitility.await().during(Duration.ofMillis(300)).until(() -> !again.isDone());
        broker.store().releaseAppends();
        assertTrue(MillraceTestClient.await(again).status().isOk());
        assertTrue(MillraceTestClient.await(first).status().isOk());
        assertEquals("0123", heads(2, "out"));
    }

    @Test
    void aCommitSentAgainWhileTheFirstIsDecidedIsNotToldThatItsPiecesAreGone() {
        sendPieces(PIECES);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> first = client.send(commit(PIECES));
        awaitPending(1);

        try (MillraceTestClient other = MillraceTestClient.connected(broker.port())) {
            CompletableFuture<MillraceResponse> again = other.send(commit(PIECES));
            broker.store().releaseAppends();

            ErrorCode code = MillraceTestClient.await(again).status().code();
            assertTrue(code == ErrorCode.NONE || code == ErrorCode.UNAVAILABLE, code.toString());
        }
        assertTrue(MillraceTestClient.await(first).status().isOk());
    }

    @Test
    void piecesOfAConnectionThatIsLostAreForgotten() {
        sendPieces(PIECES);
        assertEquals(1, logs().size());

        client.close();

        client = connected();
        awaitNoLogs();
        assertEquals(
                ErrorCode.TRANSACTION_ABORTED, client.status(commit(PIECES)).code());
        assertEquals("", heads(2, "out"));
    }

    @Test
    void piecesThatAreGivenUpAreForgotten() {
        sendPieces(PIECES);

        client.ok(Spill.giveUp(spill));

        awaitNoLogs();
        assertEquals(
                ErrorCode.TRANSACTION_ABORTED, client.status(commit(PIECES)).code());
    }

    @Test
    void whatACrashLeavesOfAnUndecidedBundleIsDeletedAfterIt() {
        UUID log = UUID.randomUUID(); // as by a bundle whose connection died with the broker
        var unused = broker.store().acquire(Spilled.logId(log), 0, lost -> {}).join();
        crash();
        assertEquals(List.of(log), logs());

        broker.removeLeftovers();

        awaitNoLogs();
    }

    @Test
    void aBundleOfWhichAPieceIsMissingIsNotCommitted() {
        sendPieces(PIECES - 1);

        assertEquals(
                ErrorCode.TRANSACTION_ABORTED, client.status(commit(PIECES)).code());

        assertEquals("", heads(2, "out"));
        awaitNoLogs();
    }

    @Test
    void aStaleLeaseRefusesAllPieces() {
        Message a = client.pull(1, 1).get(0);
        client.ok(new io.millrace.protocol.message.RecoverSession(1, 1, List.of()));
        sendPieces(PIECES);

        assertEquals(
                ErrorCode.TRANSACTION_ABORTED, client.status(commit(PIECES, a)).code());

        assertEquals("", heads(2, "out"));
        awaitNoLogs();
    }

    @Test
    void aPieceThatThePartitionWouldNotTakeIsRefusedAndAllOfThemForgotten() {
        sendPieces(1);

        Status refused =
                client.status(new Spill(spill, 1, List.of(MillraceTestClient.batch("out", 0, "x".repeat(1_100_000)))));

        assertEquals(ErrorCode.TOO_LARGE, refused.code());
        awaitNoLogs();
        assertEquals(ErrorCode.TRANSACTION_ABORTED, client.status(commit(1)).code());
    }

    @Test
    void aPieceThatTheDiskHasNoRoomForIsRefusedAndAllOfThemForgotten() {
        int fit = (int) (DISK_BYTES / MESSAGE_BYTES);
        sendPieces(fit - 1);

        Status refused = client.status(new Spill(spill, fit - 1, List.of(large("out", "a"), large("other", "b"))));

        assertEquals(ErrorCode.TOO_LARGE, refused.code());
        awaitNoLogs();
    }

    @Test
    void whatIsOnTheDiskIsBoundedAndItsRoomComesBack() {
        int fit = (int) (DISK_BYTES / MESSAGE_BYTES);
        sendPieces(fit - 1);

        Status refused =
                client.status(new Spill(UUID.randomUUID(), 0, List.of(large("out", "a"), large("other", "b"))));

        assertEquals(ErrorCode.TOO_LARGE, refused.code());
        assertTrue(refused.message().contains("jms.transaction.spill.max.bytes"), refused.message());
        client.ok(commit(fit - 1));
        client.ok(new Spill(UUID.randomUUID(), 0, List.of(large("out", "a"), large("other", "b"))));
    }

    @Test
    void twoBundlesOfOnePartitionAreAppliedInTheOrderOfTheirCommits() {
        sendPieces(2);
        UUID second = UUID.randomUUID();
        client.ok(new Spill(second, 0, List.of(large("out", "8"))));
        client.ok(new Spill(second, 1, List.of(large("out", "9"))));
        CompletableFuture<MillraceResponse> first = client.send(commit(2));

        client.ok(new Commit(1, UUID.randomUUID(), List.of(), List.of(), new Spill.Pieces(second, 2)));

        assertTrue(MillraceTestClient.await(first).status().isOk());
        assertEquals("0189", heads(2, "out"));
    }

    @Test
    void aSubscriptionMadeWhileABundleIsAppliedGetsAllOfIt() {
        client.openTopic("news");
        sendPieces("news", PIECES);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> committed = client.send(commit(PIECES));
        makeDurable(committed);
        makeDurable(committed);
        awaitPending(1);

        client.subscribe(5, 5, SubscriptionKind.NON_DURABLE, "news");

        broker.store().releaseAppends();
        assertTrue(MillraceTestClient.await(committed).status().isOk());
        List<String> heads = new ArrayList<>();
        Awaitility.await().until(() -> {
            client.pullNow(5, 10).forEach(message -> heads.add(message.text().substring(0, 1)));
            return heads.size() >= PIECES;
        });
        assertEquals(List.of("0", "1", "2", "3"), heads);
    }

    @Test
    void aTopicToWhichACommittedBundleIsBeingWrittenCannotBeDeleted() throws Exception {
        sendPieces(PIECES);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> committed = client.send(commit(PIECES));
        awaitPending(1);
        broker.store().releaseAppends(1);
        awaitPending(1);

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port()))) {
            assertThrows(
                    ExecutionException.class,
                    () -> admin.deleteTopics(List.of("out")).all().get());
            broker.store().releaseAppends();
            assertTrue(MillraceTestClient.await(committed).status().isOk());

            admin.deleteTopics(List.of("out")).all().get();
        }
        awaitNoLogs();
    }

    @Test
    void aBranchInPiecesSurvivesCrashesAndIsCommitted() {
        sendPieces(PIECES);
        client.ok(prepare(PIECES));
        crash();
        broker.removeLeftovers();
        assertEquals("", heads(2, "out"));
        ListBranches.Part part = ((ListBranches.Response) client.ok(new ListBranches(true, false)))
                .branches()
                .get(0)
                .parts()
                .get(0);
        assertEquals(PIECES, part.sends());
        assertTrue(part.sendBytes() > (long) PIECES * MESSAGE_BYTES);

        client.ok(end(Action.COMMIT));

        assertEquals("0123", heads(4, "out"));
        awaitNoLogs();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void aBranchWhoseCommitACrashCutsOffIsThereAsAWholeOrStillPrepared(int durable) {
        sendPieces(PIECES);
        client.ok(prepare(PIECES));
        EndBranch commit = end(Action.COMMIT);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> committed = client.send(commit);
        for (int i = 0; i < durable; i++) {
            makeDurable(committed);
        }
        awaitPending(1);
        broker.store().crash();
        broker.store().releaseAppends();

        crash();

        assertEquals(
                durable > 0 ? 0 : 1,
                ((ListBranches.Response) client.ok(new ListBranches(true, false)))
                        .branches()
                        .size());
        client.ok(commit); // the recorded outcome, or done now
        assertEquals("0123", heads(2, "out"));
        awaitNoLogs();
    }

    @Test
    void aBranchInPiecesThatIsRolledBackLeavesNothing() {
        sendPieces(PIECES);
        client.ok(prepare(PIECES));
        crash();

        client.ok(end(Action.ROLLBACK));

        assertEquals("", heads(2, "out"));
        awaitNoLogs();
    }

    @Test
    void branchesBeyondTheBoundOfMemoryLieOnTheDiskAndAreCommitted() {
        List<BranchId> branches = IntStream.range(0, 5)
                .mapToObj(i -> new BranchId(7, "0" + i, ""))
                .toList();

        branches.forEach(branch -> client.ok(new Prepare(
                1,
                UUID.randomUUID(),
                branch,
                List.of(large("out", branch.globalId().substring(1)), large("other", "o")),
                List.of())));

        assertTrue(logs().size() >= 8, logs().toString());
        crash();
        broker.removeLeftovers();
        assertTrue(logs().size() >= 8, "they are needed");
        branches.forEach(branch -> client.ok(new EndBranch(UUID.randomUUID(), branch, Action.COMMIT, false)));
        assertEquals("01234", heads(2, "out"));
        assertEquals("ooooo", heads(3, "other"));
        awaitNoLogs();
    }

    @Test
    void aCommitThatNamesPiecesOfNobodyIsAborted() {
        assertEquals(ErrorCode.TRANSACTION_ABORTED, client.status(commit(1)).code());
    }

    @Test
    void piecesOutOfTheirOrderAndToTemporariesAreRefused() {
        assertEquals(
                ErrorCode.INVALID_DESTINATION,
                client.status(new Spill(spill, 0, List.of(large(ReservedNames.TEMPORARY_PREFIX + "1", "1"))))
                        .code());
        assertEquals(
                ErrorCode.BAD_REQUEST,
                client.status(new Spill(spill, 1, List.of(large("out", "1")))).code());
    }
}
