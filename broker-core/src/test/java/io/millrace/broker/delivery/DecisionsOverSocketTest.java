// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.AskDecision;
import io.millrace.protocol.message.AskDecision.Decision;
import io.millrace.protocol.message.AskDeletion;
import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBundle;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The steps of a bundle that a coordinator decides (docs/decisions/0020-coordinated-bundles.md), one by one over a real
 * socket: this broker is coordinator and participant. Nobody helps on here.
 */
@Timeout(60)
class DecisionsOverSocketTest {
    private static final int BROKER = 1;

    private final UUID bundle = UUID.randomUUID();
    private DeliveryBroker broker = new DeliveryBroker();
    private MillraceTestClient client;

    @BeforeEach
    void connect() {
        client = connected();
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    private MillraceTestClient connected() {
        MillraceTestClient connected = MillraceTestClient.connected(broker.port());
        connected.openQueue("here");
        connected.openQueue("there");
        return connected;
    }

    private void crash() {
        broker.crashAndRestart();
        client.close();
        client = connected();
    }

    private UUID begin() {
        return ((BeginBundle.Response) client.ok(new BeginBundle(bundle, "here", 0))).topicId();
    }

    private BranchId part(UUID topicId) {
        return BranchId.ofBundle(new BranchId.Bundle(bundle, topicId, 0), 0);
    }

    private Prepare prepare(UUID topicId) {
        return new Prepare(
                1, UUID.randomUUID(), part(topicId), List.of(MillraceTestClient.batch("there", 0, "x")), List.of());
    }

    private Commit decision(String destination, int participant) {
        return new Commit(
                1,
                bundle,
                List.of(MillraceTestClient.batch("here", 0, "y")),
                List.of(),
                destination,
                0,
                List.of(new Commit.Participant(0, participant)));
    }

    private Decision ask(UUID topicId) {
        return ((AskDecision.Response) client.ok(new AskDecision(bundle, topicId, 0))).decision();
    }

    private List<String> texts(long consumer, String queue) {
        client.subscribe(1, consumer, SubscriptionKind.QUEUE, queue);
        return client.pullNow(consumer, 10).stream()
                .map(MillraceTestClient.Message::text)
                .toList();
    }

    @Test
    void aBundleIsOpenUntilItIsDecidedAndThenCommittedAlsoAfterACrash() {
        UUID topicId = begin();
        client.ok(prepare(topicId));
        assertEquals(Decision.OPEN, ask(topicId));

        client.ok(decision("here", BROKER));

        assertEquals(Decision.COMMITTED, ask(topicId));
        crash();
        assertEquals(Decision.COMMITTED, ask(topicId));
        client.ok(new EndBranch(UUID.randomUUID(), part(topicId), Action.COMMIT, false));
        assertEquals(List.of("x"), texts(1, "there"));
        assertEquals(List.of("y"), texts(2, "here"));
    }

    @Test
    void aDecisionSentAgainAfterACrashGetsTheRecordedOutcomeAndIsDoneOnce() {
        UUID topicId = begin();
        client.ok(prepare(topicId));
        client.ok(decision("here", BROKER));
        crash();

        assertTrue(client.call(decision("here", BROKER)).status().isOk());

        assertEquals(List.of("y"), texts(2, "here"));
    }

    @Test
    void aBundleWhoseLinkIsLostIsAbortedAndCannotBeDecidedAnyMore() {
        UUID topicId = begin();
        client.ok(prepare(topicId));
        client.close();
        client = connected();
        Awaitility.await().until(() -> ask(topicId) == Decision.ABORTED);

        assertEquals(
                ErrorCode.TRANSACTION_ABORTED,
                client.status(decision("here", BROKER)).code());

        assertEquals(Decision.ABORTED, ask(topicId));
        assertEquals(List.of(), texts(2, "here"));
    }

    @Test
    void aBundleThatACrashCutsOffIsAborted() {
        UUID topicId = begin();
        client.ok(prepare(topicId));

        crash();

        assertEquals(Decision.ABORTED, ask(topicId));
        assertEquals(
                ErrorCode.TRANSACTION_ABORTED,
                client.status(decision("here", BROKER)).code());
    }

    @Test
    void aBundleThatIsGivenUpIsAbortedAndOneThatIsDecidedIsNot() {
        UUID topicId = begin();
        client.ok(decision("here", BROKER));

        client.ok(new EndBundle(bundle, "here", 0, false));

        assertEquals(Decision.COMMITTED, ask(topicId));
        client.ok(new EndBundle(bundle, "here", 0, true));
        assertEquals(Decision.ABORTED, ask(topicId), "nobody needs to know any more");
        UUID other = UUID.randomUUID();
        client.ok(new BeginBundle(other, "here", 0));
        client.ok(new EndBundle(other, "here", 0, false));
        assertEquals(
                Decision.ABORTED, ((AskDecision.Response) client.ok(new AskDecision(other, topicId, 0))).decision());
    }

    @Test
    void onlyThePartitionThatThePartsNameMayDecide() {
        UUID topicId = begin();

        assertEquals(
                ErrorCode.BAD_REQUEST, client.status(decision("there", BROKER)).code());

        client.close(); // as the broker has, for what no client of ours does
        client = connected();
        Awaitility.await().until(() -> ask(topicId) == Decision.ABORTED);
        assertEquals(List.of(), texts(2, "here"));
    }

    @Test
    void whatABrokerThatIsNotThereWouldHaveToApplyIsNotDecided() {
        UUID topicId = begin();

        assertEquals(
                ErrorCode.TRANSACTION_ABORTED,
                client.status(decision("here", 99)).code());

        assertEquals(Decision.ABORTED, ask(topicId));
        assertEquals(List.of(), texts(2, "here"));
    }

    @Test
    void aPartThatNamesAnUnknownCoordinatorIsRefused() {
        assertEquals(
                ErrorCode.UNAVAILABLE, client.status(prepare(UUID.randomUUID())).code());
    }

    @Test
    void aBundleIsNotDecidedInATopicOfTheBrokersOwn() {
        assertEquals(
                ErrorCode.BAD_REQUEST,
                client.status(new BeginBundle(bundle, "__consumer_offsets", 0)).code());
    }

    @Test
    void aConnectionCannotBeginWithoutBound() {
        for (int i = 0; i < 1_000; i++) {
            client.ok(new BeginBundle(new UUID(7, i), "here", 0));
        }

        assertEquals(
                ErrorCode.UNAVAILABLE,
                client.status(new BeginBundle(bundle, "here", 0)).code());

        client.ok(new EndBundle(new UUID(7, 0), "here", 0, false));
        client.ok(new BeginBundle(bundle, "here", 0));
    }

    @Test
    void whileTheClusterSessionIsLostNoPartIsCalledUnknown() {
        UUID topicId = begin();
        client.ok(prepare(topicId));

        broker.loseClusterSession();

        EndBranch commit = new EndBranch(UUID.randomUUID(), part(topicId), Action.COMMIT, false);
        assertEquals(ErrorCode.UNAVAILABLE, client.status(commit).code());
    }

    @Test
    void theTopicsOfABundleAreNotDeletedBeforeItIsOver() {
        UUID here = begin();
        assertEquals(
                ErrorCode.WRONG_BRANCH_STATE,
                client.status(new AskDeletion(here)).code(),
                "open");
        client.ok(prepare(here));
        client.ok(decision("here", BROKER));
        assertEquals(
                ErrorCode.WRONG_BRANCH_STATE,
                client.status(new AskDeletion(here)).code(),
                "not applied");

        client.ok(new EndBranch(UUID.randomUUID(), part(here), Action.COMMIT, false));
        client.ok(new EndBundle(bundle, "here", 0, true));

        assertTrue(client.status(new AskDeletion(here)).isOk());
    }

    @Test
    void partsAreListedForWhoAsksForThem() {
        UUID topicId = begin();
        client.ok(prepare(topicId));

        assertEquals(
                0,
                ((ListBranches.Response) client.ok(new ListBranches(true, false)))
                        .branches()
                        .size());
        assertEquals(
                1,
                ((ListBranches.Response) client.ok(new ListBranches(false, true)))
                        .branches()
                        .size());
    }

    @Test
    void aStaleLeaseOfTheCoordinatorsOwnPartAbortsTheBundle() {
        client.sendTexts("here", "a");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "here");
        MillraceTestClient.Message a = client.pull(1, 1).get(0);
        assertTrue(client.acknowledge(1, 1, AckType.ACCEPT, a).isOk());
        UUID topicId = begin();
        client.ok(prepare(topicId));

        ErrorCode refused = client.status(new Commit(
                        1,
                        bundle,
                        List.of(),
                        MillraceTestClient.acks(1, AckType.ACCEPT, a),
                        "here",
                        0,
                        List.of(new Commit.Participant(0, BROKER))))
                .code();

        assertEquals(ErrorCode.TRANSACTION_ABORTED, refused);
        assertEquals(Decision.ABORTED, ask(topicId));
    }
}
