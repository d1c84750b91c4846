// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Spill;
import io.millrace.protocol.message.Status;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client's steps with a transaction that is larger than one request, with a peer that refuses one of them. */
@Timeout(30)
class LargeSendsTest {
    private ScriptedPeer peer;
    private Connection connection;
    private Session session;

    @BeforeEach
    void connect() throws Exception {
        peer = new ScriptedPeer().with(Feature.LARGE_TRANSACTIONS);
        MillraceConnectionFactory factory = new MillraceConnectionFactory(peer.url() + "?requestTimeoutMs=2000");
        factory.setTransactionRequestBytes(65_536);
        connection = factory.createConnection();
        session = connection.createSession(Session.SESSION_TRANSACTED);
        for (int i = 0; i < 5; i++) { // two fit into a piece
            session.createProducer(new MillraceQueue("orders")).send(session.createTextMessage("x".repeat(30_000)));
        }
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        peer.close();
    }

    @Test
    void piecesAreNumberedAndTheCommitNamesThemAndSendsNothingElse() throws Exception {
        session.commit();

        Spill first = peer.next(Spill.class);
        assertEquals(0, first.piece());
        for (int i = 1; i < 3; i++) {
            Spill next = peer.next(Spill.class);
            assertEquals(i, next.piece());
            assertEquals(first.spillId(), next.spillId());
        }
        Commit commit = peer.next(Commit.class);
        assertEquals(new Spill.Pieces(first.spillId(), 3), commit.pieces());
        assertEquals(List.of(), commit.sends());
        assertEquals(0, peer.waiting(Spill.class));
    }

    @Test
    void whereAPieceIsRefusedAllAreGivenUpAndNothingIsCommitted() throws Exception {
        peer.when(
                Spill.class,
                spill ->
                        new PlainResponse(spill.piece() == 1 ? Status.of(ErrorCode.TOO_LARGE, "scripted") : Status.OK));

        JMSException refused = assertThrows(JMSException.class, session::commit);

        assertTrue(refused.getMessage().contains("scripted"), refused.getMessage());
        peer.next(Spill.class);
        assertEquals(1, peer.next(Spill.class).piece());
        assertTrue(peer.next(Spill.class).isGivenUp());
        assertEquals(0, peer.waiting(Commit.class));
    }

    @Test
    void whereTheCommitIsRefusedAllAreGivenUp() throws Exception {
        peer.when(
                Commit.class,
                commit -> new Commit.Response(Status.of(ErrorCode.TRANSACTION_ABORTED, "scripted"), List.of()));

        assertThrows(JMSException.class, session::commit);

        for (int i = 0; i < 3; i++) {
            assertEquals(i, peer.next(Spill.class).piece());
        }
        assertTrue(peer.next(Spill.class).isGivenUp());
    }
}
