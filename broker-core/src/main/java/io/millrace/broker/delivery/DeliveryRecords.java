// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.message.SubscriptionKind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The STATE records of delivery.
 *
 * <pre>
 *  type (1 byte) | group id (int32; negative: a group in memory only) | then
 *  0 GROUP_CREATED   kind (1 byte) | start offset | name length, UTF-8 bytes
 *  1 GROUP_REMOVED
 *  2 ACQUIRED        mark
 *  3 FINAL           count | for each range: first - last end, length - 1
 *  4 RECEIVED        count | for each range: first - last end, length - 1, delivery count
 *  5 BUNDLE          id (16 bytes) | count | base offsets            (group id 0)
 * 10 ACQUIRED_RANGES count | for each range: first - last end, length - 1
 * 11 DELAYED         wake time, ms since the epoch | count | for each range: first - last end, length - 1
 * 12 DOOMED          count | for each range: first - last end, length - 1, reason (plus 16: with a queue), delivery count
 *                    | queue's length, UTF-8 bytes, if there is one
 * 16 SUBSCRIPTION    generation | flags (1 byte; 1: noLocal, 2: selector) | selector length, UTF-8 bytes, if there is one;
 *                    follows the GROUP_CREATED of a durable subscription
 * 32 and above: {@link BranchRecords}
 * 13 PAUSED          1 byte; 1: paused, 0: not
 * 14 RESET           start offset: the group begins anew
 * </pre>
 *
 * <p>Offsets, counts and lengths are unsigned LEB128 numbers. Ranges are in order; the first counts from 0.
 */
final class DeliveryRecords {
    static final byte TAG = 'J';

    private static final byte GROUP_CREATED = 0;
    private static final byte GROUP_REMOVED = 1;
    private static final byte ACQUIRED = 2;
    private static final byte FINAL = 3;
    private static final byte RECEIVED = 4;
    private static final byte BUNDLE = 5;
    private static final byte ACQUIRED_RANGES = 10;
    private static final byte DELAYED = 11;
    private static final byte DOOMED = 12;
    private static final byte SUBSCRIPTION = 16;

    private static final int NO_LOCAL = 1;
    private static final int SELECTOR = 2;
    private static final byte PAUSED = 13;
    private static final byte RESET = 14;

    /** Added to a reason's number. */
    private static final int WITH_QUEUE = 16;

    /** Reasons by their number on disk; append only. */
    private static final List<Death.Reason> REASONS =
            List.of(Death.Reason.DELIVERY_LIMIT, Death.Reason.REJECTED, Death.Reason.EXPIRED);

    /** Kinds by their number on disk; append only. */
    private static final List<SubscriptionKind> KINDS =
            List.of(SubscriptionKind.QUEUE, SubscriptionKind.DURABLE, SubscriptionKind.SHARED_DURABLE);

    private DeliveryRecords() {}

    /** Takes decoded records in. */
    interface Visitor extends BranchRecords.Visitor {
        void onGroupCreated(int group, GroupKey key, long startOffset);

        void onGroupRemoved(int group);

        void onAcquired(int group, long mark);

        void onFinal(int group, long first, long last);

        void onReceived(int group, long first, long last, int deliveryCount);

        void onAcquired(int group, long first, long last);

        void onDelayed(int group, long first, long last, long wakeMs);

        void onDoomed(int group, long first, long last, Death death);

        void onPaused(int group, boolean paused);

        void onReset(int group, long startOffset);

        void onBundle(UUID id, List<Long> baseOffsets);

        void onSubscription(int group, @Nullable String selector, boolean noLocal, long generation);
    }

    static StateRecord groupCreated(int group, GroupKey key, long startOffset) {
        byte[] name = key.name().getBytes(UTF_8);
        ByteBuf out = begin(GROUP_CREATED, group, 20 + name.length);
        out.writeByte(KINDS.indexOf(key.kind()));
        writeNumber(out, startOffset);
        writeNumber(out, name.length);
        out.writeBytes(name);
        return record(out);
    }

    static StateRecord groupRemoved(int group) {
        return record(begin(GROUP_REMOVED, group, 0));
    }

    static StateRecord subscription(int group, SubscriptionSpec spec) {
        String selector = spec.selector();
        byte[] text = selector == null ? new byte[0] : selector.getBytes(UTF_8);
        ByteBuf out = begin(SUBSCRIPTION, group, 21 + text.length);
        writeNumber(out, spec.generation());
        out.writeByte((spec.noLocal() ? NO_LOCAL : 0) | (selector == null ? 0 : SELECTOR));
        if (selector != null) {
            writeNumber(out, text.length);
            out.writeBytes(text);
        }
        return record(out);
    }

    static StateRecord acquired(int group, long mark) {
        ByteBuf out = begin(ACQUIRED, group, 10);
        writeNumber(out, mark);
        return record(out);
    }

    static StateRecord finals(int group, List<OffsetRange> ranges) {
        ByteBuf out = begin(FINAL, group, 8 + ranges.size() * 4);
        writeRanges(out, ranges);
        return record(out);
    }

    static StateRecord acquired(int group, List<OffsetRange> ranges) {
        ByteBuf out = begin(ACQUIRED_RANGES, group, 8 + ranges.size() * 4);
        writeRanges(out, ranges);
        return record(out);
    }

    static StateRecord delayed(int group, long wakeMs, List<OffsetRange> ranges) {
        ByteBuf out = begin(DELAYED, group, 18 + ranges.size() * 4);
        writeNumber(out, wakeMs);
        writeRanges(out, ranges);
        return record(out);
    }

    static StateRecord doomed(int group, List<Span<Death>> spans) {
        ByteBuf out = begin(DOOMED, group, 8 + spans.size() * 6);
        writeNumber(out, spans.size());
        long end = 0;
        for (Span<Death> span : spans) {
            writeNumber(out, span.first() - end);
            writeNumber(out, span.last() - span.first());
            String queue = span.value().queue();
            writeNumber(out, REASONS.indexOf(span.value().reason()) + (queue == null ? 0 : WITH_QUEUE));
            writeNumber(out, span.value().deliveryCount());
            if (queue != null) {
                byte[] name = queue.getBytes(UTF_8);
                writeNumber(out, name.length);
                out.writeBytes(name);
            }
            end = span.last();
        }
        return record(out);
    }

    private static void writeRanges(ByteBuf out, List<OffsetRange> ranges) {
        writeNumber(out, ranges.size());
        long end = 0;
        for (OffsetRange range : ranges) {
            writeNumber(out, range.first() - end);
            writeNumber(out, range.last() - range.first());
            end = range.last();
        }
    }

    static StateRecord received(int group, List<Span<Integer>> spans) {
        ByteBuf out = begin(RECEIVED, group, 8 + spans.size() * 5);
        writeNumber(out, spans.size());
        long end = 0;
        for (Span<Integer> span : spans) {
            writeNumber(out, span.first() - end);
            writeNumber(out, span.last() - span.first());
            writeNumber(out, span.value());
            end = span.last();
        }
        return record(out);
    }

    static StateRecord paused(int group, boolean paused) {
        return record(begin(PAUSED, group, 1).writeBoolean(paused));
    }

    static StateRecord reset(int group, long startOffset) {
        ByteBuf out = begin(RESET, group, 10);
        writeNumber(out, startOffset);
        return record(out);
    }

    static StateRecord bundle(UUID id, List<Long> baseOffsets) {
        ByteBuf out = begin(BUNDLE, 0, 18 + baseOffsets.size() * 8);
        out.writeLong(id.getMostSignificantBits()).writeLong(id.getLeastSignificantBits());
        writeNumber(out, baseOffsets.size());
        baseOffsets.forEach(offset -> writeNumber(out, offset));
        return record(out);
    }

    static void read(ByteBuf in, Visitor visitor) {
        byte type = in.readByte();
        int group = in.readInt();
        switch (type) {
            case GROUP_CREATED -> {
                SubscriptionKind kind = KINDS.get(in.readByte());
                long start = readNumber(in);
                String name = readText(in);
                visitor.onGroupCreated(group, new GroupKey(kind, name), start);
            }
            case GROUP_REMOVED -> visitor.onGroupRemoved(group);
            case ACQUIRED -> visitor.onAcquired(group, readNumber(in));
            case FINAL -> readRanges(in, (first, last) -> visitor.onFinal(group, first, last));
            case ACQUIRED_RANGES -> readRanges(in, (first, last) -> visitor.onAcquired(group, first, last));
            case DELAYED -> {
                long wakeMs = readNumber(in);
                readRanges(in, (first, last) -> visitor.onDelayed(group, first, last, wakeMs));
            }
            case DOOMED -> {
                long end = 0;
                for (long left = readNumber(in); left > 0; left--) {
                    long first = end + readNumber(in);
                    end = first + readNumber(in);
                    int reason = (int) readNumber(in);
                    int count = (int) readNumber(in);
                    String queue = (reason & WITH_QUEUE) == 0 ? null : readText(in);
                    visitor.onDoomed(group, first, end, new Death(REASONS.get(reason & ~WITH_QUEUE), count, queue));
                }
            }
            case RECEIVED -> {
                long end = 0;
                for (long left = readNumber(in); left > 0; left--) {
                    long first = end + readNumber(in);
                    end = first + readNumber(in);
                    visitor.onReceived(group, first, end, (int) readNumber(in));
                }
            }
            case PAUSED -> visitor.onPaused(group, in.readBoolean());
            case RESET -> visitor.onReset(group, readNumber(in));
            case BUNDLE -> {
                UUID id = new UUID(in.readLong(), in.readLong());
                List<Long> offsets = new ArrayList<>();
                for (long left = readNumber(in); left > 0; left--) {
                    offsets.add(readNumber(in));
                }
                visitor.onBundle(id, offsets);
            }
            case SUBSCRIPTION -> {
                long generation = readNumber(in);
                int flags = in.readByte();
                String selector = (flags & SELECTOR) == 0 ? null : readText(in);
                visitor.onSubscription(group, selector, (flags & NO_LOCAL) != 0, generation);
            }
            default -> {
                if (type >= BranchRecords.FIRST_TYPE) {
                    BranchRecords.read(type, group, in, visitor);
                    return;
                }
                throw new IllegalStateException(
                        "A delivery STATE record has type " + type + "; it was written by a newer broker");
            }
        }
    }

    private interface RangeVisitor {
        void visit(long first, long last);
    }

    private static void readRanges(ByteBuf in, RangeVisitor visitor) {
        long end = 0;
        for (long left = readNumber(in); left > 0; left--) {
            long first = end + readNumber(in);
            end = first + readNumber(in);
            visitor.visit(first, end);
        }
    }

    private static ByteBuf begin(byte type, int group, int bytes) {
        return Unpooled.buffer(5 + bytes).writeByte(type).writeInt(group);
    }

    private static StateRecord record(ByteBuf out) {
        return new StateRecord(TAG, out);
    }

    static void writeNumber(ByteBuf out, long number) {
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            out.writeByte((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    static String readText(ByteBuf in) {
        return in.readCharSequence((int) readNumber(in), UTF_8).toString();
    }

    static long readNumber(ByteBuf in) {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte part = in.readByte();
            number |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return number;
            }
        }
        throw new IllegalStateException("A number in a delivery STATE record is longer than 64 bits");
    }
}
