// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.CloseSession;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.RecoverSession;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A session's part at each broker, and its epochs: a recovery or an outage begins a new one, and what was delivered in an
 * earlier one is not the session's any more. Guarded by the session's lock.
 */
final class SessionLinks {
    private final long sessionId;
    private final Map<BrokerLink, SessionLink> links = new LinkedHashMap<>();
    private int epoch;
    private int outages;
    private int epochOfOutage;

    SessionLinks(long sessionId) {
        this.sessionId = sessionId;
    }

    int epoch() {
        return epoch;
    }

    /** How often the links were lost. */
    int outages() {
        return outages;
    }

    /** Whether an outage has taken the delivery from the session. */
    boolean isGone(Delivery delivery) {
        return delivery.sessionEpoch() < epochOfOutage;
    }

    /** The session's part at a broker, made when there is none yet; the broker then learns the session's epoch. */
    SessionLink at(BrokerLink link) {
        return links.computeIfAbsent(link, this::introduce);
    }

    private SessionLink introduce(BrokerLink broker) {
        if (epoch > 0) { // a broker starts each session at epoch 0
            var unused = broker.request(new RecoverSession(sessionId, epoch, List.of()), PlainResponse.class);
        }
        return new SessionLink(broker, sessionId);
    }

    void nextEpoch() {
        epoch++;
    }

    /** The links are down. */
    void onOutage() {
        outages++;
        epoch++;
        epochOfOutage = epoch;
    }

    void detach() {
        links.values().forEach(SessionLink::end);
        links.clear();
    }

    /** Tells every broker that the session closes, and what it has received. */
    List<CompletableFuture<?>> close() {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (SessionLink link : links.values()) {
            List<Acknowledgement> receipts = link.flushAndTakeReceipts();
            answers.add(link.link().request(new CloseSession(sessionId, receipts), PlainResponse.class));
        }
        return answers;
    }

    /**
     * Tells every broker to take everything back and of the epoch that has begun.
     *
     * @param inListener what a listener has now
     * @param extra what its broker is to know first, beyond what waits for a ride
     */
    List<CompletableFuture<?>> recover(@Nullable Delivery inListener, List<Acknowledgement> extra) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (SessionLink link : links.values()) {
            List<Acknowledgement> receipts = link.flushAndTakeReceipts();
            if (inListener != null && inListener.link() == link) {
                receipts.addAll(extra);
            }
            answers.add(link.link().request(new RecoverSession(sessionId, epoch, receipts), PlainResponse.class));
        }
        return answers;
    }
}
