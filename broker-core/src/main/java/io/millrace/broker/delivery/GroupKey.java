// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.message.SubscriptionKind;
import org.jspecify.annotations.Nullable;

/**
 * Names a JMS group on a topic.
 *
 * @param kind its kind
 * @param name the subscription's name; the topic's name for a queue; what the broker chose for an unshared non-durable
 *     subscription
 */
public record GroupKey(SubscriptionKind kind, String name) {
    public static GroupKey ofQueue(String topic) {
        return new GroupKey(SubscriptionKind.QUEUE, topic);
    }

    /**
     * A named subscription. Names of different client ids, and of none, never meet: the client id's {@code %} and {@code
     * /} are escaped, so that the first slash ends it.
     */
    static GroupKey ofSubscription(SubscriptionKind kind, @Nullable String clientId, String subscription) {
        String owner = clientId == null ? "" : clientId.replace("%", "%25").replace("/", "%2f");
        return new GroupKey(kind, owner + "/" + subscription);
    }

    /** The subscription's name as its client gave it. */
    String subscription() {
        return name.substring(name.indexOf('/') + 1);
    }

    /** Whether its state outlives the broker. */
    public boolean isDurable() {
        return switch (kind) {
            case QUEUE, DURABLE, SHARED_DURABLE -> true;
            case NON_DURABLE, SHARED_NON_DURABLE -> false;
        };
    }

    /**
     * The group's name among all groups of the broker: prefix, kind, name. In the name every byte but ASCII letters,
     * digits, {@code -} and {@code _} stands as {@code %} and two hex digits, so that the dots are unambiguous. Shared
     * and unshared durable subscriptions have one namespace (Jakarta Messaging 3.1, sections 8.3.3 and 8.3.4).
     */
    public String reservedName() {
        String family = switch (kind) {
            case QUEUE -> "queue";
            case DURABLE, SHARED_DURABLE -> "durable";
            case NON_DURABLE -> "nondurable";
            case SHARED_NON_DURABLE -> "shared-nondurable";
        };
        StringBuilder escaped =
                new StringBuilder(ReservedNames.JMS_GROUP_PREFIX).append(family).append('.');
        for (byte b : name.getBytes(UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (plain || c == '-' || c == '_') {
                escaped.append(c);
            } else {
                escaped.append(String.format("%%%02x", (int) c));
            }
        }
        return escaped.toString();
    }
}
