// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Spill;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;

/** A broker, a client of it and one large bundle or branch, in pieces, to the queue {@code out}; crashes of the broker. */
abstract class LargeTransactions {
    static final BranchId BRANCH = new BranchId(7, "01ff", "02");
    static final int PIECES = 4;
    /** So that the broker applies one at a time. */
    static final int MESSAGE_BYTES = SpillApplier.PIECE_BYTES * 2 / 3;

    static final long MEMORY_BYTES = 1 << 20;
    static final long DISK_BYTES = 8 << 20;

    final DeliveryBroker broker = new DeliveryBroker(DeliverySettings.of(BrokerConfig.of(Map.of(
            "jms.xa.prepared.max.bytes",
            String.valueOf(MEMORY_BYTES),
            "jms.transaction.spill.max.bytes",
            String.valueOf(DISK_BYTES)))));
    final UUID spill = UUID.randomUUID();
    final UUID bundle = UUID.randomUUID();
    MillraceTestClient client = connected();

    MillraceTestClient connected() {
        MillraceTestClient fresh = MillraceTestClient.connected(broker.port());
        fresh.openQueue("in");
        fresh.openQueue("out");
        fresh.openQueue("other");
        return fresh;
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    void crash() {
        broker.crashAndRestart();
        client.close();
        client = connected();
    }

    static Commit.Send large(String queue, String text) {
        return MillraceTestClient.batch(queue, 0, text + "x".repeat(MESSAGE_BYTES));
    }

    void sendPieces(int count) {
        sendPieces("out", count);
    }

    void sendPieces(String destination, int count) {
        for (int i = 0; i < count; i++) {
            client.ok(new Spill(spill, i, List.of(large(destination, String.valueOf(i)))));
        }
    }

    Commit commit(int pieces, Message... accepted) {
        return new Commit(
                1,
                bundle,
                List.of(),
                MillraceTestClient.acks(1, AckType.ACCEPT, accepted),
                new Spill.Pieces(spill, pieces));
    }

    Prepare prepare(int pieces) {
        return new Prepare(1, bundle, BRANCH, List.of(), List.of(), new Spill.Pieces(spill, pieces));
    }

    static EndBranch end(Action action) {
        return new EndBranch(UUID.randomUUID(), BRANCH, action, false);
    }

    /** The first characters of all that a queue has. */
    String heads(long consumer, String queue) {
        client.subscribe(3, consumer, SubscriptionKind.QUEUE, queue);
        StringBuilder heads = new StringBuilder();
        while (true) {
            List<Message> some = client.pullNow(consumer, 10);
            if (some.isEmpty()) {
                return heads.toString();
            }
            some.forEach(message -> heads.append(message.text().charAt(0)));
        }
    }

    List<UUID> logs() {
        return broker.store().partitions().stream()
                .filter(id -> id.topic().equals(ReservedNames.SPILLED_LOGS))
                .map(id -> id.topicId())
                .toList();
    }

    void awaitPending(int appends) {
        Awaitility.await().untilAsserted(() -> assertTrue(broker.store().pendingAppends() >= appends));
    }

    /** Lets the store make the next append durable, and waits for the one after it, if there is one. */
    void makeDurable(CompletableFuture<MillraceResponse> committed) {
        awaitPending(1);
        broker.store().releaseAppends(1);
        Awaitility.await().until(() -> broker.store().pendingAppends() >= 1 || committed.isDone());
    }

    void awaitNoLogs() {
        Awaitility.await().untilAsserted(() -> assertEquals(List.of(), logs()));
    }
}
