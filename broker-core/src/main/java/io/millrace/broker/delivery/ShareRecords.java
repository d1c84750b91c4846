// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * The STATE records of share groups.
 *
 * <pre>
 *  type (1 byte) | group id (int32) | then
 *  0 CREATED    start offset | name length, UTF-8 bytes
 *  1 REMOVED
 *  2 FINAL      count | for each range: first - last end, length - 1
 *  3 DELIVERED  count | for each range: first - last end, length - 1, delivery count
 * </pre>
 *
 * <p>Offsets, counts and lengths are unsigned LEB128 numbers. Ranges are in order; the first counts from 0.
 */
final class ShareRecords {
    static final byte TAG = 'H';

    private static final byte CREATED = 0;
    private static final byte REMOVED = 1;
    private static final byte FINAL = 2;
    private static final byte DELIVERED = 3;

    private ShareRecords() {}

    /** Takes decoded records in. */
    interface Visitor {
        void onCreated(int group, String groupId, long startOffset);

        void onRemoved(int group);

        void onFinal(int group, long first, long last);

        void onDelivered(int group, long first, long last, int deliveryCount);
    }

    static StateRecord created(int group, String groupId, long startOffset) {
        byte[] name = groupId.getBytes(UTF_8);
        ByteBuf out = begin(CREATED, group, 20 + name.length);
        DeliveryRecords.writeNumber(out, startOffset);
        DeliveryRecords.writeNumber(out, name.length);
        out.writeBytes(name);
        return new StateRecord(TAG, out);
    }

    static StateRecord removed(int group) {
        return new StateRecord(TAG, begin(REMOVED, group, 0));
    }

    static StateRecord finals(int group, List<OffsetRange> ranges) {
        ByteBuf out = begin(FINAL, group, 8 + ranges.size() * 4);
        DeliveryRecords.writeNumber(out, ranges.size());
        long end = 0;
        for (OffsetRange range : ranges) {
            DeliveryRecords.writeNumber(out, range.first() - end);
            DeliveryRecords.writeNumber(out, range.last() - range.first());
            end = range.last();
        }
        return new StateRecord(TAG, out);
    }

    static StateRecord delivered(int group, List<Span<Integer>> spans) {
        ByteBuf out = begin(DELIVERED, group, 8 + spans.size() * 5);
        DeliveryRecords.writeNumber(out, spans.size());
        long end = 0;
        for (Span<Integer> span : spans) {
            DeliveryRecords.writeNumber(out, span.first() - end);
            DeliveryRecords.writeNumber(out, span.last() - span.first());
            DeliveryRecords.writeNumber(out, span.value());
            end = span.last();
        }
        return new StateRecord(TAG, out);
    }

    static void read(ByteBuf in, Visitor visitor) {
        byte type = in.readByte();
        int group = in.readInt();
        switch (type) {
            case CREATED -> {
                long start = DeliveryRecords.readNumber(in);
                int length = (int) DeliveryRecords.readNumber(in);
                visitor.onCreated(group, in.readCharSequence(length, UTF_8).toString(), start);
            }
            case REMOVED -> visitor.onRemoved(group);
            case FINAL -> {
                long end = 0;
                for (long left = DeliveryRecords.readNumber(in); left > 0; left--) {
                    long first = end + DeliveryRecords.readNumber(in);
                    end = first + DeliveryRecords.readNumber(in);
                    visitor.onFinal(group, first, end);
                }
            }
            case DELIVERED -> {
                long end = 0;
                for (long left = DeliveryRecords.readNumber(in); left > 0; left--) {
                    long first = end + DeliveryRecords.readNumber(in);
                    end = first + DeliveryRecords.readNumber(in);
                    visitor.onDelivered(group, first, end, (int) DeliveryRecords.readNumber(in));
                }
            }
            default ->
                throw new IllegalStateException(
                        "A STATE record of share groups has type " + type + "; it was written by a newer broker");
        }
    }

    private static ByteBuf begin(byte type, int group, int bytes) {
        return Unpooled.buffer(5 + bytes).writeByte(type).writeInt(group);
    }
}
