// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.delivery.ShareAck;
import io.millrace.broker.delivery.ShareException;
import io.millrace.broker.record.ReservedNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * What a ShareFetch or ShareAcknowledge says, in one form.
 *
 * @param key the share session that it belongs to
 * @param epoch the session's epoch: 0 opens, -1 closes, else it counts
 * @param named the partitions that it names, those it only acknowledges too
 * @param acks what it acknowledges, by partition; none that is empty
 * @param renews whether it says that it renews
 */
record ShareRequest(
        SessionKey key, int epoch, Set<ShareTarget> named, Map<ShareTarget, List<Batch>> acks, boolean renews) {
    static final int OPEN = 0;
    static final int CLOSE = -1;
    /** As long as Kafka's own ids are in their longest form. */
    private static final int MAX_MEMBER_ID_LENGTH = 36;

    /** One acknowledgement as it came. */
    record Batch(long first, long last, List<Byte> types) {}

    static ShareRequest of(ShareFetchRequestData request) {
        Map<ShareTarget, List<Batch>> named = new LinkedHashMap<>();
        request.topics()
                .forEach(topic -> topic.partitions()
                        .forEach(partition -> named.put(
                                new ShareTarget(topic.topicId(), partition.partitionIndex()),
                                partition.acknowledgementBatches().stream()
                                        .map(batch -> new Batch(
                                                batch.firstOffset(), batch.lastOffset(), batch.acknowledgeTypes()))
                                        .toList())));
        return of(
                new SessionKey(text(request.groupId()), text(request.memberId())),
                request.shareSessionEpoch(),
                named,
                request.isRenewAck());
    }

    static ShareRequest of(ShareAcknowledgeRequestData request) {
        Map<ShareTarget, List<Batch>> named = new LinkedHashMap<>();
        request.topics()
                .forEach(topic -> topic.partitions()
                        .forEach(partition -> named.put(
                                new ShareTarget(topic.topicId(), partition.partitionIndex()),
                                partition.acknowledgementBatches().stream()
                                        .map(batch -> new Batch(
                                                batch.firstOffset(), batch.lastOffset(), batch.acknowledgeTypes()))
                                        .toList())));
        return of(
                new SessionKey(text(request.groupId()), text(request.memberId())),
                request.shareSessionEpoch(),
                named,
                request.isRenewAck());
    }

    private static ShareRequest of(SessionKey key, int epoch, Map<ShareTarget, List<Batch>> named, boolean renews) {
        Map<ShareTarget, List<Batch>> acks = new LinkedHashMap<>(named);
        acks.values().removeIf(List::isEmpty);
        return new ShareRequest(key, epoch, named.keySet(), acks, renews);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** What is wrong with the request as a whole; {@code null} for nothing. */
    @Nullable
    Refusal refusal() {
        if (key.groupId().isBlank()) {
            return new Refusal(Errors.INVALID_REQUEST, "GroupId can't be empty.");
        }
        if (key.groupId().startsWith(ReservedNames.JMS_GROUP_PREFIX)) {
            return new Refusal(
                    Errors.INVALID_GROUP_ID,
                    "group id " + key.groupId() + " starts with " + ReservedNames.JMS_GROUP_PREFIX
                            + ", which is kept for JMS: choose another");
        }
        if (key.memberId().isBlank() || key.memberId().length() > MAX_MEMBER_ID_LENGTH) {
            return new Refusal(
                    Errors.INVALID_REQUEST,
                    "MemberId must have 1 to " + MAX_MEMBER_ID_LENGTH + " characters, it has "
                            + key.memberId().length());
        }
        return null;
    }

    /**
     * The acknowledgements of a partition, one for each run of offsets with one type.
     *
     * @throws ShareException where they contradict themselves
     */
    List<ShareAck> acksOf(ShareTarget target) {
        List<ShareAck> all = new ArrayList<>();
        long next = 0;
        for (Batch batch : acks.getOrDefault(target, List.of())) {
            if (batch.first < 0 || batch.last < batch.first || batch.last == Long.MAX_VALUE) {
                throw invalid("First offset " + batch.first + " and last offset " + batch.last + " are not a range");
            }
            if (batch.first < next) {
                throw invalid("Offset " + batch.first + " is named after offset " + (next - 1) + ": order them");
            }
            next = batch.last + 1;
            int types = batch.types.size();
            if (types == 0 || (types > 1 && types != batch.last - batch.first + 1)) {
                throw invalid(types + " acknowledge types for offsets " + batch.first + " to " + batch.last
                        + ": give one, or one for each");
            }
            for (int i = 0; i < types; i++) {
                long first = types == 1 ? batch.first : batch.first + i;
                add(all, first, types == 1 ? batch.last : first, type(batch.types.get(i)));
            }
        }
        return all;
    }

    private static void add(List<ShareAck> all, long first, long last, ShareAck.Type type) {
        ShareAck before = all.isEmpty() ? null : all.get(all.size() - 1);
        if (before != null && before.type() == type && before.last() == first - 1) {
            all.set(all.size() - 1, new ShareAck(before.first(), last, type));
        } else {
            all.add(new ShareAck(first, last, type));
        }
    }

    private ShareAck.Type type(byte code) {
        ShareAck.Type[] types = ShareAck.Type.values();
        ShareAck.Type type = code < 0 || code >= types.length ? null : types[code];
        if (type == null) {
            throw invalid("Acknowledge type " + code + " is not known");
        }
        if (type == ShareAck.Type.RENEW && !renews) {
            throw invalid("Acknowledge type " + code + " renews, in a request that does not say that it does");
        }
        return type;
    }

    private static ShareException invalid(String message) {
        return new ShareException(ShareException.Code.INVALID_REQUEST, message);
    }

    /** An error for the whole request. */
    record Refusal(Errors error, String message) {}
}
