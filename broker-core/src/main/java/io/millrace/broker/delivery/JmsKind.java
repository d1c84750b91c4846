// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The one JMS kind of a topic, in its settings. */
public final class JmsKind {
    /** The topic's setting: {@code queue} or {@code topic}. */
    public static final String CONFIG = "millrace.jms.kind";

    private JmsKind() {}

    /** What {@link #CONFIG} is set to for a kind. */
    public static String value(DestinationKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** The topic's kind, or {@code null} before its first JMS use. */
    public static @Nullable DestinationKind of(TopicInfo topic) {
        String set = topic.config().get(CONFIG);
        for (DestinationKind kind : DestinationKind.values()) {
            if (value(kind).equalsIgnoreCase(set)) {
                return kind;
            }
        }
        return null;
    }

    /** Fails with {@code WRONG_DESTINATION_KIND} unless the topic's kind is open or as wanted. */
    public static void check(TopicInfo topic, DestinationKind wanted) {
        DestinationKind kind = of(topic);
        if (kind != null && kind != wanted) {
            throw new DeliveryException(
                    ErrorCode.WRONG_DESTINATION_KIND,
                    "Destination " + topic.name() + " is a " + value(kind) + " and cannot be used as a " + value(wanted)
                            + "; use another name");
        }
    }
}
