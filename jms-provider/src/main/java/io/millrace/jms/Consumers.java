// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Opens a session's consumers (Jakarta Messaging 3.1, sections 8.2 and 8.3); for the session's thread. */
final class Consumers {
    private final MillraceConnection connection;
    private final SessionCore core;

    Consumers(MillraceConnection connection, SessionCore core) {
        this.connection = connection;
        this.core = core;
    }

    /** A consumer of a queue, or of an unshared non-durable subscription of a topic. */
    MillraceConsumer unnamed(MillraceDestination from, @Nullable String selector, boolean noLocal)
            throws JMSException {
        if (selector != null && !selector.isBlank()) {
            throw new InvalidSelectorException(
                    "Message selectors are not offered by this version of Millrace: \"" + selector + "\".",
                    "MILLRACE_NOT_OFFERED");
        }
        if (noLocal && from.kind() == DestinationKind.TOPIC) {
            throw JmsErrors.notOffered("noLocal");
        }
        return new MillraceConsumer(core, subscribe(from));
    }

    private Receiver subscribe(MillraceDestination from) throws JMSException {
        Route route = connection.routes().open(from);
        Map<BrokerLink, List<Integer>> partitions = new LinkedHashMap<>();
        for (int partition = 0; partition < route.leaders().size(); partition++) {
            partitions
                    .computeIfAbsent(route.leaders().get(partition), link -> new ArrayList<>())
                    .add(partition);
        }
        Receiver receiver = new Receiver(core, connection.nextConsumerId(), from);
        SubscriptionKind kind =
                from.kind() == DestinationKind.QUEUE ? SubscriptionKind.QUEUE : SubscriptionKind.NON_DURABLE;
        for (Map.Entry<BrokerLink, List<Integer>> led : partitions.entrySet()) {
            Subscribe subscribe = new Subscribe(
                    core.id(),
                    receiver.id(),
                    kind,
                    "",
                    from.getName(),
                    led.getValue(),
                    null,
                    false,
                    Subscribe.AT_DEFAULT);
            JmsErrors.await(led.getKey().request(subscribe, PlainResponse.class), "Creating a consumer of " + from);
            receiver.addLeg(core.at(led.getKey()));
        }
        core.add(receiver);
        return receiver;
    }
}
