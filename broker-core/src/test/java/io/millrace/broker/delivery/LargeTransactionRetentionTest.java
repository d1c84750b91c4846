// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.partition.PolicyBroker;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What deletes records, while a large transaction is prepared or is being written to its partition: it spares what readers
 * could not see yet, or what it leaves is sound (docs/decisions/0007 and 0025).
 */
@Timeout(60)
class LargeTransactionRetentionTest extends LargeTransactions {
    private static final TopicPartition OUT = new TopicPartition("out", 0);
    /** As {@code -1} in a DeleteRecords request: up to the high watermark. */
    private static final RecordsToDelete ALL = RecordsToDelete.beforeOffset(-1);

    private CompletableFuture<MillraceResponse> committed;

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port()));
    }

    /** Answers the first offset that is left. */
    private long deleteAllRecords() throws Exception {
        try (Admin admin = admin()) {
            return admin.deleteRecords(Map.of(OUT, ALL))
                    .lowWatermarks()
                    .get(OUT)
                    .get()
                    .lowWatermark();
        }
    }

    /** The commit and one piece in the partition are durable, and there are more to come. */
    private void commitUpToTheFirstPiece() {
        broker.store().holdAppends();
        committed = client.send(commit(PIECES));
        makeDurable(committed);
        makeDurable(committed);
        awaitPending(1);
        assertFalse(committed.isDone());
    }

    private void goOn() {
        broker.store().releaseAppends();
        assertTrue(MillraceTestClient.await(committed).status().isOk());
    }

    private CompletableFuture<MillraceResponse> purge() {
        return client.send(new ManageGroup("out", SubscriptionKind.QUEUE, "out", ManageGroup.Action.PURGE, "", 0));
    }

    private static long count(CompletableFuture<MillraceResponse> purged) {
        return ((ManageGroup.Response) MillraceTestClient.await(purged)).count();
    }

    private long retainNews() {
        return PolicyBroker.retain(broker.partition("news", 0));
    }

    /** A topic without durable subscriptions, whose records go by age or size alone; one is in it. */
    private void makeNews(String key) {
        broker.createTopic("news", 1, Map.of("millrace.jms.kind", "topic", key, "0"));
        client.openTopic("news");
        client.sendTexts("news", "old");
    }

    private String newsOf(long consumer) {
        StringBuilder heads = new StringBuilder();
        Awaitility.await().until(() -> {
            client.pullNow(consumer, 10)
                    .forEach(message -> heads.append(message.text().charAt(0)));
            return heads.length() >= PIECES;
        });
        return heads.toString();
    }

    // ---- age and size

    @ParameterizedTest
    @CsvSource({"retention.ms", "retention.bytes"})
    void ageAndSizeSpareABundleUntilAllOfItIsThere(String key) {
        makeNews(key);
        sendPieces("news", PIECES);
        client.subscribe(5, 5, SubscriptionKind.NON_DURABLE, "news");
        commitUpToTheFirstPiece();

        long start = retainNews();

        assertEquals(0, start, "the first piece is in the segment of what is old");
        goOn();
        assertEquals("0123", newsOf(5));
        Awaitility.await().untilAsserted(() -> assertEquals(1 + PIECES, retainNews()));
    }

    @ParameterizedTest
    @CsvSource({"retention.ms", "retention.bytes"})
    void ageAndSizeDoNotReachWhatIsPrepared(String key) {
        makeNews(key);
        sendPieces("news", PIECES);
        client.ok(prepare(PIECES));
        Awaitility.await().untilAsserted(() -> assertEquals(1, retainNews()));
        client.subscribe(5, 5, SubscriptionKind.NON_DURABLE, "news");

        client.ok(end(Action.COMMIT));

        assertEquals("0123", newsOf(5));
        awaitNoLogs();
    }

    // ---- DeleteRecords

    @Test
    void recordsDeletedWhileABundleIsWrittenTakeItsFirstPiecesAndTheRestFollows() throws Exception {
        client.sendTexts("out", "a");
        sendPieces(PIECES);
        commitUpToTheFirstPiece();

        assertEquals(2, deleteAllRecords());

        goOn();
        assertEquals("123", heads(2, "out"));
        awaitNoLogs();
        client.sendTexts("out", "b");
        crash();
        assertEquals("123b", heads(2, "out"));
    }

    @Test
    void aCrashAfterRecordsWereDeletedDoesNotBringThemBack() throws Exception {
        sendPieces(PIECES);
        commitUpToTheFirstPiece();
        assertEquals(1, deleteAllRecords());
        broker.store().crash();
        broker.store().releaseAppends();

        crash();

        assertTrue(client.status(commit(PIECES)).isOk());
        assertEquals("123", heads(2, "out"));
        awaitNoLogs();
    }

    @Test
    void recordsDeletedWhileABranchIsPreparedAreNotThoseOfTheBranch() throws Exception {
        client.sendTexts("out", "a");
        sendPieces(PIECES);
        client.ok(prepare(PIECES));

        assertEquals(1, deleteAllRecords());

        client.ok(end(Action.COMMIT));
        assertEquals("0123", heads(2, "out"));
        awaitNoLogs();
    }

    // ---- purge

    @Test
    void aPurgeWhileABundleIsWrittenLeavesAllOfIt() {
        client.sendTexts("out", "a", "b");
        client.subscribe(7, 7, SubscriptionKind.QUEUE, "out");
        sendPieces(PIECES);
        commitUpToTheFirstPiece();

        CompletableFuture<MillraceResponse> purged = purge();

        goOn();
        assertEquals(2, count(purged));
        assertEquals("0123", heads(2, "out"));
    }

    @Test
    void aPurgeWhileABranchIsPreparedLeavesAllOfIt() {
        client.sendTexts("out", "a", "b");
        sendPieces(PIECES);
        client.ok(prepare(PIECES));

        assertEquals(2, count(purge()));

        client.ok(end(Action.COMMIT));
        assertEquals("0123", heads(2, "out"));
    }

    // ---- the topic's deletion

    @Test
    void aTopicToWhichAPreparedBranchSendsOnTheDiskIsDeletedOnlyAfterItsEnd() throws Exception {
        sendPieces(PIECES);
        client.ok(prepare(PIECES));
        crash();
        try (Admin admin = admin()) {
            ExecutionException refused = assertThrows(
                    ExecutionException.class,
                    () -> admin.deleteTopics(List.of("out")).all().get());
            assertTrue(refused.getMessage().contains("tx list"), refused.getMessage());

            client.ok(end(Action.ROLLBACK));

            admin.deleteTopics(List.of("out")).all().get();
        }
        awaitNoLogs();
    }

    /** Whoever has sent pieces may never commit them: that must not keep a topic. */
    @Test
    void aTopicIsDeletedThoughPiecesForItWaitForTheirCommitWhichIsRefusedThen() throws Exception {
        sendPieces(PIECES);
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of("out")).all().get();
        }

        assertFalse(client.status(commit(PIECES)).isOk());

        awaitNoLogs();
        client.openQueue("out");
        assertEquals("", heads(2, "out"));
    }
}
