// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Spill;
import java.util.ArrayList;
import java.util.List;

/**
 * What a bundle does at one broker, or a part of that.
 *
 * @param session in whose name
 * @param broker where
 * @param sends in sending order
 * @param accepts of received messages
 * @param pieces sends that have left before, and are not in {@code sends}
 */
record BundlePart(
        SessionCore session,
        BrokerLink broker,
        List<Outgoing> sends,
        List<Acknowledgement> accepts,
        Spill.Pieces pieces) {

    static BundlePart at(SessionCore session, BrokerLink broker) {
        return new BundlePart(session, broker, new ArrayList<>(), new ArrayList<>(), Spill.Pieces.NONE);
    }

    /** The sends as batches, encoded anew for each time they leave. */
    List<Commit.Send> batches() {
        BundleSends batches = new BundleSends();
        sends.forEach(batches::add);
        return batches.build();
    }
}
