// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Feature;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction does, dealt out to the brokers that it is done at. Not safe for several threads.
 */
final class Bundle {
    /** With this every partition is a part of its own, so that one broker goes the way of several. */
    private final boolean split;

    private final Map<Object, BundlePart> parts = new LinkedHashMap<>();
    private @Nullable Coordinator coordinator;

    /**
     * The partition that decides.
     *
     * @param broker its leader
     * @param destination its topic
     * @param partition its index
     * @param part what is done there
     */
    record Coordinator(BrokerLink broker, String destination, int partition, BundlePart part) {}

    private record Split(BrokerLink broker, Object of, int partition) {}

    /** @param split whether every partition is a part of its own */
    Bundle(boolean split) {
        this.split = split;
    }

    void add(SessionCore session, Outgoing send) {
        BundlePart part = part(session, send.link(), send.topic(), send.partition());
        part.sends().add(send);
        coordinate(part, send.topic(), send.partition());
    }

    /** @param destination what the message was received from */
    void add(SessionCore session, BrokerLink broker, String destination, Acknowledgement accept) {
        BundlePart part = part(session, broker, destination, accept.partition());
        SessionLink.append(part.accepts(), accept); // joins ranges
        coordinate(part, destination, accept.partition());
    }

    private BundlePart part(SessionCore session, BrokerLink broker, String destination, int partition) {
        return parts.computeIfAbsent(key(broker, destination, partition), any -> BundlePart.at(session, broker));
    }

    private Object key(BrokerLink broker, String destination, int partition) {
        return split ? new Split(broker, destination, partition) : broker;
    }

    /** The first partition that is on a disk decides. */
    private void coordinate(BundlePart part, String destination, int partition) {
        if (coordinator == null && !JmsDestination.isTemporary(destination)) {
            coordinator = new Coordinator(part.broker(), destination, partition, part);
        }
    }

    /**
     * Ships it: to one broker in one request, to several by way of a coordinator.
     *
     * @throws Committing.Refused when it surely was not committed
     * @throws JMSException when nobody can say
     */
    void commit(SessionCore by) throws JMSException, Committing.Refused {
        by.unapplied().before(this);
        List<BundlePart> all = isSplitInVain() ? List.of(merged()) : parts();
        if (all.size() == 1) {
            BundlePart only = LargeSends.ship(all.get(0));
            UUID id = by.bundleIds().next();
            Committing committing = new Committing(
                    only.session(),
                    only.broker(),
                    () -> new Commit(only.session().id(), id, only.batches(), only.accepts(), only.pieces()));
            try {
                committing.run();
            } catch (Committing.Refused refused) {
                LargeSends.giveUp(only);
                throw refused;
            } catch (JMSException unknown) {
                by.unapplied().doubt(Set.of(only.broker().brokerId()), () -> {
                    committing.again();
                    return List.of();
                });
                throw unknown;
            }
            return;
        }
        Coordinator deciding = coordinator;
        if (deciding == null) {
            throw new Committing.Refused(new TransactionRolledBackException(
                    "This transaction sends to temporary destinations of " + all.size()
                            + " brokers and to nothing else; such a one is not possible. It was rolled back.",
                    "MILLRACE_SEVERAL_BROKERS"));
        }
        for (BundlePart part : all) {
            if (!part.broker().features().contains(Feature.COORDINATED_TRANSACTIONS)) {
                throw new Committing.Refused(new TransactionRolledBackException(
                        "This transaction touches partitions of several brokers, and broker "
                                + part.broker().address() + " does not offer that. It was rolled back.",
                        "MILLRACE_SEVERAL_BROKERS"));
            }
        }
        by.unapplied().add(new CoordinatedCommit(by, deciding, participants()).run());
    }

    /** Whether it has to be one part for all that is asked for: one broker does all of it, and that by way of none. */
    private boolean isSplitInVain() {
        return split
                && parts.size() > 1
                && parts.values().stream().map(BundlePart::broker).distinct().count() == 1
                && (coordinator == null || !coordinator.broker.features().contains(Feature.COORDINATED_TRANSACTIONS));
    }

    private BundlePart merged() {
        BundlePart all = null;
        for (BundlePart part : parts.values()) {
            BundlePart into = all == null ? BundlePart.at(part.session(), part.broker()) : all;
            into.sends().addAll(part.sends());
            part.accepts().forEach(accept -> SessionLink.append(into.accepts(), accept));
            all = into;
        }
        if (all == null) {
            throw new IllegalStateException("an empty bundle is not shipped");
        }
        return all;
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    List<BundlePart> parts() {
        return List.copyOf(parts.values());
    }

    /** Who decides; {@code null} when there are temporary destinations only. */
    @Nullable
    Coordinator coordinator() {
        return coordinator;
    }

    /** All parts but the coordinator's. */
    List<BundlePart> participants() {
        Map<Object, BundlePart> others = new LinkedHashMap<>(parts);
        if (coordinator != null) {
            others.remove(key(coordinator.broker, coordinator.destination, coordinator.partition));
        }
        return List.copyOf(others.values());
    }
}
