// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.TemporaryTopics;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The temporary destinations of one link (Jakarta Messaging 3.1, section 6.2.2): only its own consumers may receive from
 * them, and they end with it. Owned by the link's loop, which owns their partitions too.
 */
final class LinkTemporaries {
    /** The memory of a temporary destination is the limit of its messages. */
    private static final String UNLIMITED = Integer.toString(Integer.MAX_VALUE);

    private final TemporaryTopics topics;
    private final OwnerLoop loop;
    private final Set<String> names = new HashSet<>();
    private boolean closed;

    LinkTemporaries(TemporaryTopics topics, OwnerLoop loop) {
        this.topics = topics;
        this.loop = loop;
    }

    /** Completes with the new one's name once it can be sent to. */
    CompletableFuture<String> create(DestinationKind kind) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Completions.whenDone(
                topics.create(
                        Map.of(
                                JmsKind.CONFIG,
                                JmsKind.value(kind),
                                TopicConfigKeys.MAX_MESSAGE_BYTES.name(),
                                UNLIMITED),
                        loop),
                (topic, failure) -> loop.execute(() -> {
                    if (topic == null) {
                        answer.completeExceptionally(failure == null ? new IllegalStateException("no topic") : failure);
                    } else {
                        onCreated(topic, answer);
                    }
                }));
        return answer;
    }

    private void onCreated(TopicInfo topic, CompletableFuture<String> answer) {
        if (closed) {
            var unused = topics.delete(topic.name());
            answer.completeExceptionally(
                    new DeliveryException(ErrorCode.UNAVAILABLE, "The link of this connection is closed"));
            return;
        }
        names.add(topic.name());
        answer.complete(topic.name());
    }

    /** Fails for a temporary destination that is not this link's. */
    void checkMayReceive(String destination) {
        if (!ReservedNames.isTemporary(destination) || names.contains(destination)) {
            return;
        }
        throw new DeliveryException(
                ErrorCode.INVALID_DESTINATION,
                topics.topic(destination) == null
                        ? "There is no temporary destination " + destination
                                + " any more; it ended with the connection that made it"
                        : "Temporary destination " + destination
                                + " belongs to another connection; only that one may receive from it");
    }

    /** @param inUse whether a consumer is open on it */
    CompletableFuture<Void> delete(String name, boolean inUse) {
        checkMayReceive(name);
        if (!names.contains(name)) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION, "Destination " + name + " is not a temporary one");
        }
        if (inUse) {
            throw new DeliveryException(
                    ErrorCode.IN_USE, "Temporary destination " + name + " has consumers; close them first");
        }
        names.remove(name);
        return topics.delete(name);
    }

    /** The link is over, and with it all of them. */
    CompletableFuture<Void> close() {
        closed = true;
        List<CompletableFuture<Void>> deleted = new ArrayList<>();
        names.forEach(name -> deleted.add(topics.delete(name)));
        names.clear();
        return Calls.all(deleted);
    }
}
