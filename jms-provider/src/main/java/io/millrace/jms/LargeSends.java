// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Spill;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Ships the sends of a part of a bundle that are too many for one request, piece by piece, before the commit or prepare
 * that makes them part of the bundle (docs/decisions/0025-large-transactions.md). A piece is encoded when the one before it
 * was answered. Used by the committing thread only.
 */
final class LargeSends {
    private LargeSends() {}

    /**
     * The part as its commit or prepare is to name it; itself where one request takes it. Sends to temporary destinations
     * stay in it: they are in the broker's memory anyhow.
     *
     * @throws Committing.Refused when a piece was not taken; then all of them go
     */
    static BundlePart ship(BundlePart part) throws Committing.Refused {
        int most = part.session().options().transactionRequestBytes();
        List<Outgoing> large = new ArrayList<>();
        List<Outgoing> rest = new ArrayList<>();
        long bytes = 0;
        for (Outgoing send : part.sends()) {
            if (JmsDestination.isTemporary(send.topic())) {
                rest.add(send);
            } else {
                large.add(send);
                bytes += send.size();
            }
        }
        if (bytes <= most || !part.broker().features().contains(Feature.LARGE_TRANSACTIONS)) {
            return part;
        }
        UUID id = UUID.randomUUID();
        int pieces = 0;
        try {
            part.session().owner().resumption().awaitUp();
            for (int next = 0; next < large.size(); pieces++) {
                BundleSends piece = new BundleSends();
                long room = most;
                do {
                    piece.add(large.get(next));
                    room -= large.get(next).size();
                    next++;
                } while (next < large.size() && room >= large.get(next).size());
                send(part, id, pieces, piece.build());
            }
        } catch (JMSException failure) {
            giveUp(part, id);
            throw new Committing.Refused(failure);
        } catch (RuntimeException | Error e) {
            giveUp(part, id);
            throw e;
        }
        return new BundlePart(part.session(), part.broker(), rest, part.accepts(), new Spill.Pieces(id, pieces));
    }

    private static void send(BundlePart part, UUID id, int piece, List<Commit.Send> sends) throws JMSException {
        var unused = JmsErrors.await(
                part.broker().request(new Spill(id, piece, sends), PlainResponse.class),
                "Sending a piece of a large transaction");
    }

    /** Its commit or prepare will not come. Does nothing where it has been. */
    static void giveUp(BundlePart shipped) {
        if (!shipped.pieces().isNone()) {
            giveUp(shipped, shipped.pieces().spillId());
        }
    }

    private static void giveUp(BundlePart part, UUID id) {
        var unused = part.broker().request(Spill.giveUp(id), PlainResponse.class);
    }
}
