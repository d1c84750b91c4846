// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The named subscriptions that have consumers through this broker, and what these may not do to each other (Jakarta
 * Messaging 3.1, sections 8.3.2 to 8.3.4). Safe for any thread.
 */
final class ActiveSubscriptions {
    private final Map<String, Active> byName = new ConcurrentHashMap<>();

    /**
     * A subscription with consumers.
     *
     * @param topicId its topic
     * @param consumers at least one
     */
    record Active(UUID topicId, SubscriptionSpec spec, Set<Holder> consumers) {
        private Active with(Holder consumer) {
            Set<Holder> more = new HashSet<>(consumers);
            more.add(consumer);
            return new Active(topicId, spec, Set.copyOf(more));
        }

        private @Nullable Active without(Holder consumer) {
            Set<Holder> rest = new HashSet<>(consumers);
            rest.remove(consumer);
            return rest.isEmpty() ? null : new Active(topicId, spec, Set.copyOf(rest));
        }
    }

    /**
     * Adds a consumer; answers with what its subscription was made with by the first of them. Fails with {@code IN_USE}
     * when the consumers that are there leave no room for it.
     */
    SubscriptionSpec add(UUID topicId, SubscriptionSpec wanted, Holder consumer) {
        return byName.compute(wanted.key().reservedName(), (name, present) -> {
                    if (present == null) {
                        return new Active(topicId, wanted, Set.of(consumer));
                    }
                    check(present, topicId, wanted);
                    return present.with(consumer);
                })
                .spec();
    }

    private static void check(Active present, UUID topicId, SubscriptionSpec wanted) {
        String problem = null;
        if (present.spec.key().kind() != wanted.key().kind()) {
            problem = "exists as " + describe(present.spec.key().kind()) + " and cannot be "
                    + describe(wanted.key().kind()) + " as well";
        } else if (wanted.key().kind() == SubscriptionKind.DURABLE) {
            problem = "is unshared and has a consumer; close that one first";
        } else if (!present.topicId.equals(topicId) || !present.spec.isMadeAs(wanted)) {
            problem = "has consumers, with another topic or message selector; close them first";
        }
        if (problem != null) {
            throw inUse(wanted.key(), problem);
        }
    }

    static DeliveryException inUse(GroupKey key, String problem) {
        return new DeliveryException(ErrorCode.IN_USE, "The subscription \"" + key.subscription() + "\" " + problem);
    }

    static String describe(SubscriptionKind kind) {
        return switch (kind) {
            case DURABLE -> "an unshared durable subscription";
            case SHARED_DURABLE -> "a shared durable subscription";
            case SHARED_NON_DURABLE -> "a shared non-durable subscription";
            case NON_DURABLE -> "an unshared non-durable subscription";
            case QUEUE -> "a queue";
        };
    }

    /** Whether the subscription has consumers. */
    boolean contains(GroupKey key) {
        return byName.containsKey(key.reservedName());
    }

    /** Removes a consumer. Idempotent. */
    void remove(GroupKey key, Holder consumer) {
        byName.computeIfPresent(key.reservedName(), (name, present) -> present.without(consumer));
    }
}
