// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Spill;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may have the pieces of a bundle while it is being decided. */
@Timeout(30)
class OpenSpillsTest {
    private static final long LINK = 1;

    private final DeliveryBroker broker = new DeliveryBroker();
    private final OpenSpills spills = new OpenSpills(
            broker.partitions(),
            new BundleIndex(),
            new SpillLogs(broker.store(), BrokerClock.SYSTEM),
            Long.MAX_VALUE,
            () -> 0);
    private final UUID bundle = UUID.randomUUID();
    private final Spill.Pieces pieces = new Spill.Pieces(UUID.randomUUID(), 1);
    private final CompletableFuture<String> deciding = new CompletableFuture<>();

    @BeforeEach
    void sendAPiece() {
        try (MillraceTestClient client = MillraceTestClient.connected(broker.port())) {
            client.openQueue("out");
        }
        spills.take(new Spill(pieces.spillId(), 0, List.of(MillraceTestClient.batch("out", 0, "x"))), LINK)
                .join();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private CompletableFuture<String> decide() {
        return spills.within(bundle, pieces, (spilled, appending) -> deciding);
    }

    private boolean isThere() {
        return broker.store().partitions().stream()
                .anyMatch(id -> id.topic().equals(Spilled.logId(bundle).topic()));
    }

    @Test
    void piecesAreDecidedOnceAtATime() {
        CompletableFuture<String> first = decide();

        DeliveryException busy = assertThrows(DeliveryException.class, this::decide);

        assertEquals(ErrorCode.UNAVAILABLE, busy.code());
        deciding.complete("done");
        assertEquals("done", first.join());
    }

    @Test
    void piecesThatAreBeingDecidedOutliveTheirConnection() {
        CompletableFuture<String> first = decide();

        spills.onLinkClosed(LINK);
        spills.take(Spill.giveUp(pieces.spillId()), LINK).join();

        assertTrue(isThere());
        deciding.complete("done");
        assertEquals("done", first.join());
        assertTrue(isThere(), "they are the transaction's now");
    }
}
