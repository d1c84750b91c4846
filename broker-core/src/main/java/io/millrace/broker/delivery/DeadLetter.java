// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.jms.BodyType;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.jms.JmsRecordCodec;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.record.RecordHeader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The copy of a record that goes to another queue, with what tells where it comes from. Body, properties, message id,
 * timestamp and key are those of the original; a dead letter has no expiration and no delivery time any more.
 *
 * <p>The properties are headers of the record as all properties are, so Kafka clients read them too.
 */
final class DeadLetter {
    /** Why: {@code delivery-limit}, {@code rejected} or {@code expired}. A String. */
    static final String REASON = "millrace_dead_reason";

    /** When it was moved, milliseconds since the epoch. A Long. */
    static final String TIME = "millrace_dead_time";

    /** How often an application had received it. An Integer. */
    static final String DELIVERY_COUNT = "millrace_dead_delivery_count";

    /** The destination's name. A String. */
    static final String DESTINATION = "millrace_original_destination";

    /** The subscription's name; a message of a queue has none. A String. */
    static final String SUBSCRIPTION = "millrace_original_subscription";

    /** The partition. An Integer. */
    static final String PARTITION = "millrace_original_partition";

    /** The offset there. A Long. */
    static final String OFFSET = "millrace_original_offset";

    /** When an expired message expired, milliseconds since the epoch. A Long. */
    static final String EXPIRATION = "millrace_original_expiration";

    private static final Set<String> TOLD =
            Set.of(REASON, TIME, DELIVERY_COUNT, DESTINATION, SUBSCRIPTION, PARTITION, OFFSET, EXPIRATION);

    private final long offset;
    private final long timestampMs;
    private final byte @Nullable [] key;
    private final byte @Nullable [] value;
    private final List<RecordHeader> headers;

    private DeadLetter(
            long offset, long timestampMs, byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        this.offset = offset;
        this.timestampMs = timestampMs;
        this.key = key;
        this.value = value;
        this.headers = headers;
    }

    /** The original's. */
    long offset() {
        return offset;
    }

    /** Milliseconds since the epoch. */
    long timestampMs() {
        return timestampMs;
    }

    byte @Nullable [] key() {
        return key;
    }

    byte @Nullable [] value() {
        return value;
    }

    List<RecordHeader> headers() {
        return headers;
    }

    /** Where a record comes from. */
    record Origin(
            String destination, int partition, @Nullable String subscription) {}

    /** The copy of a dead record. Copies what it needs of the view. */
    static DeadLetter of(RecordView record, Origin origin, Death death, long nowMs) {
        JmsRecord message = JmsRecordCodec.decode(record, BodyType.BYTES);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put(REASON, death.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        told.put(TIME, nowMs);
        told.put(DELIVERY_COUNT, death.deliveryCount());
        told.put(DESTINATION, origin.destination());
        told.put(PARTITION, origin.partition());
        told.put(OFFSET, record.offset());
        if (origin.subscription() != null) {
            told.put(SUBSCRIPTION, origin.subscription());
        }
        if (death.reason() == Death.Reason.EXPIRED) {
            told.put(EXPIRATION, message.expirationMs());
        }
        List<RecordHeader> headers =
                message.origin() == JmsRecord.Origin.JMS ? ofMessage(message, told, record) : ofForeign(told, record);
        return new DeadLetter(
                record.offset(), record.timestampMs(), bytes(record.key()), bytes(record.value()), headers);
    }

    /**
     * A copy that is moved alive.
     *
     * @param withoutDeath whether what tells of an earlier death is left out
     */
    static DeadLetter copy(RecordView record, boolean withoutDeath) {
        List<RecordHeader> headers = new ArrayList<>(record.headers());
        if (withoutDeath) {
            headers.removeIf(header -> TOLD.contains(header.key()));
        }
        return new DeadLetter(
                record.offset(), record.timestampMs(), bytes(record.key()), bytes(record.value()), headers);
    }

    /** A header of this record as text; {@code null} when it has none. */
    static @Nullable String text(RecordView record, String name) {
        RecordHeader header = record.lastHeader(name);
        byte[] value = header == null ? null : header.value();
        return value == null ? null : new String(value, UTF_8);
    }

    private static List<RecordHeader> ofMessage(JmsRecord message, Map<String, Object> told, RecordView record) {
        JmsRecord.Builder changed = message.toBuilder().expirationMs(0).deliveryTimeMs(0);
        told.forEach(changed::property);
        OutgoingRecord encoded = JmsRecordCodec.encode(changed.build());
        List<RecordHeader> headers = new ArrayList<>(encoded.headers());
        Set<String> known = new HashSet<>();
        headers.forEach(header -> known.add(header.key()));
        // What is no property of a JMS message, such as a tracing header with a dot in its name, is kept as it is.
        for (RecordHeader header : record.headers()) {
            if (!known.contains(header.key())) {
                headers.add(header);
            }
        }
        return headers;
    }

    private static List<RecordHeader> ofForeign(Map<String, Object> told, RecordView record) {
        List<RecordHeader> headers = new ArrayList<>(record.headers());
        headers.removeIf(header -> told.containsKey(header.key()));
        told.forEach((name, value) ->
                headers.add(new RecordHeader(name, value.toString().getBytes(UTF_8))));
        return headers;
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuf buffer) {
        return buffer == null ? null : ByteBufUtil.getBytes(buffer);
    }
}
