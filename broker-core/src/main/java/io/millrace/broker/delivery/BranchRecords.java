// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ListBranches.State;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The STATE records of prepared branches, beside those of {@link DeliveryRecords}.
 *
 * <pre>
 *  type (1 byte) | group id (int32) | branch: format id (int32), global id, qualifier | then
 * 32 PREPARED  bundle id (16 bytes) | time, ms since the epoch | state (1 byte) | messages | pinned
 *              | count | for each partition: topic id (16 bytes), topic, index
 *              | count | for each batch: length, bytes                              (group id 0)
 *              | if its sends lie on the disk: log (16 bytes), end, bytes, messages
 * 33 PINNED    ack type (1 byte) | count | for each range: first, length - 1, delivery count, 1 and JMSXGroupID or 0
 * 34 ENDED     state (1 byte); 0: it is not remembered                             (group id 0)
 *
 * Of a bundle over several brokers, at its coordinator:
 *  type (1 byte) | group id 0 (int32) | bundle id (16 bytes) | then
 * 35 DECIDED   count | for each participant: number (int32), broker id (int32)
 * 36 FORGOTTEN
 *
 * Of committed sends on the disk:
 *  type (1 byte) | group id 0 (int32) | log (16 bytes) | then
 * 37 APPLYING  id of the commit (16 bytes) | end | bytes | messages | next | first
 * 38 APPLIED   next | data first | data end
 * </pre>
 *
 * <p>Texts follow their length; numbers without a size are unsigned LEB128.
 */
final class BranchRecords {
    static final byte FIRST_TYPE = 32;

    private static final byte PREPARED = 32;
    private static final byte PINNED = 33;
    private static final byte ENDED = 34;
    private static final byte DECIDED = 35;
    private static final byte FORGOTTEN = 36;
    private static final byte APPLYING = 37;
    private static final byte APPLIED = 38;

    /** States by their number on disk; append only. */
    private static final List<State> STATES =
            List.of(State.PREPARED, State.HEURISTICALLY_COMMITTED, State.HEURISTICALLY_ROLLED_BACK);

    private BranchRecords() {}

    /** Takes decoded records in. */
    interface Visitor {
        void onPrepared(PreparedBranch part);

        void onPinned(
                int group,
                BranchId branch,
                AckType type,
                long first,
                long last,
                int deliveryCount,
                @Nullable String messageGroup);

        /** @param heuristic what is remembered; {@code null} for nothing */
        void onEnded(BranchId branch, @Nullable State heuristic);

        void onDecided(UUID bundle, List<Commit.Participant> participants);

        void onForgotten(UUID bundle);

        void onApplying(PartitionSpills.Applying committed);

        /** See {@link PartitionSpills#applied}. */
        void onApplied(UUID log, long next, long dataFirst, long dataEnd);
    }

    static StateRecord prepared(PreparedBranch part) {
        ByteBuf out = begin(PREPARED, 0, part.id(), 256 + (int) Math.min(1 << 20, part.sendBytes()));
        out.writeLong(part.bundleId().getMostSignificantBits())
                .writeLong(part.bundleId().getLeastSignificantBits())
                .writeLong(part.preparedAtMs())
                .writeByte(STATES.indexOf(part.state()));
        DeliveryRecords.writeNumber(out, part.messages());
        DeliveryRecords.writeNumber(out, part.pinned());
        DeliveryRecords.writeNumber(out, part.partitions().size());
        for (PartitionId partition : part.partitions()) {
            out.writeLong(partition.topicId().getMostSignificantBits())
                    .writeLong(partition.topicId().getLeastSignificantBits());
            writeText(out, partition.topic());
            DeliveryRecords.writeNumber(out, partition.partition());
        }
        DeliveryRecords.writeNumber(out, part.sends().size());
        for (ByteBuf batch : part.sends()) {
            DeliveryRecords.writeNumber(out, batch.readableBytes());
            out.writeBytes(batch, batch.readerIndex(), batch.readableBytes());
        }
        Spilled spilled = part.spilled();
        if (spilled != null) {
            writeId(out, spilled.log());
            writeSize(out, spilled);
        }
        return record(out);
    }

    static StateRecord pinned(int group, BranchId branch, AckType type, List<Span<Acquired>> spans) {
        ByteBuf out = begin(PINNED, group, branch, 16 + spans.size() * 16);
        out.writeByte(type == AckType.REJECT ? 1 : 0);
        DeliveryRecords.writeNumber(out, spans.size());
        for (Span<Acquired> span : spans) {
            DeliveryRecords.writeNumber(out, span.first());
            DeliveryRecords.writeNumber(out, span.last() - span.first());
            DeliveryRecords.writeNumber(out, span.value().deliveryCount());
            String messageGroup = span.value().group();
            out.writeBoolean(messageGroup != null);
            if (messageGroup != null) {
                writeText(out, messageGroup);
            }
        }
        return record(out);
    }

    static StateRecord ended(BranchId branch, @Nullable State heuristic) {
        return record(begin(ENDED, 0, branch, 1).writeByte(heuristic == null ? 0 : STATES.indexOf(heuristic)));
    }

    static StateRecord decided(UUID bundle, List<Commit.Participant> participants) {
        ByteBuf out = begin(DECIDED, bundle, 8 + participants.size() * 8);
        DeliveryRecords.writeNumber(out, participants.size());
        for (Commit.Participant participant : participants) {
            out.writeInt(participant.number()).writeInt(participant.brokerId());
        }
        return record(out);
    }

    static StateRecord forgotten(UUID bundle) {
        return record(begin(FORGOTTEN, bundle, 0));
    }

    static StateRecord applying(PartitionSpills.Applying committed) {
        ByteBuf out = begin(APPLYING, committed.spilled().log(), 64);
        writeId(out, committed.committedBy());
        writeSize(out, committed.spilled());
        DeliveryRecords.writeNumber(out, committed.next());
        DeliveryRecords.writeNumber(out, committed.first());
        return record(out);
    }

    static StateRecord applied(UUID log, long next, long dataFirst, long dataEnd) {
        ByteBuf out = begin(APPLIED, log, 30);
        DeliveryRecords.writeNumber(out, next);
        DeliveryRecords.writeNumber(out, dataFirst);
        DeliveryRecords.writeNumber(out, dataEnd);
        return record(out);
    }

    private static void writeSize(ByteBuf out, Spilled spilled) {
        DeliveryRecords.writeNumber(out, spilled.end());
        DeliveryRecords.writeNumber(out, spilled.bytes());
        DeliveryRecords.writeNumber(out, spilled.messages());
    }

    private static Spilled readSpilled(UUID log, ByteBuf in) {
        return new Spilled(log, DeliveryRecords.readNumber(in), DeliveryRecords.readNumber(in), (int)
                DeliveryRecords.readNumber(in));
    }

    private static void writeId(ByteBuf out, UUID id) {
        out.writeLong(id.getMostSignificantBits()).writeLong(id.getLeastSignificantBits());
    }

    private static UUID readId(ByteBuf in) {
        return new UUID(in.readLong(), in.readLong());
    }

    private static ByteBuf begin(byte type, UUID id, int size) {
        ByteBuf out = Unpooled.buffer(21 + size).writeByte(type).writeInt(0);
        writeId(out, id);
        return out;
    }

    private static void readOfId(byte type, ByteBuf in, Visitor visitor) {
        UUID id = readId(in);
        switch (type) {
            case DECIDED -> readDecision(id, in, visitor);
            case FORGOTTEN -> visitor.onForgotten(id);
            case APPLYING -> {
                UUID committedBy = readId(in);
                Spilled spilled = readSpilled(id, in);
                visitor.onApplying(new PartitionSpills.Applying(
                        committedBy, spilled, DeliveryRecords.readNumber(in), DeliveryRecords.readNumber(in)));
            }
            default ->
                visitor.onApplied(
                        id,
                        DeliveryRecords.readNumber(in),
                        DeliveryRecords.readNumber(in),
                        DeliveryRecords.readNumber(in));
        }
    }

    private static void readDecision(UUID bundle, ByteBuf in, Visitor visitor) {
        List<Commit.Participant> participants = new ArrayList<>();
        for (long left = DeliveryRecords.readNumber(in); left > 0; left--) {
            participants.add(new Commit.Participant(in.readInt(), in.readInt()));
        }
        visitor.onDecided(bundle, List.copyOf(participants));
    }

    static void read(byte type, int group, ByteBuf in, Visitor visitor) {
        if (type >= DECIDED && type <= APPLIED) {
            readOfId(type, in, visitor);
            return;
        }
        BranchId branch = new BranchId(in.readInt(), DeliveryRecords.readText(in), DeliveryRecords.readText(in));
        switch (type) {
            case PREPARED -> visitor.onPrepared(readPrepared(branch, in));
            case PINNED -> {
                AckType ack = in.readByte() == 1 ? AckType.REJECT : AckType.ACCEPT;
                for (long left = DeliveryRecords.readNumber(in); left > 0; left--) {
                    long first = DeliveryRecords.readNumber(in);
                    long last = first + DeliveryRecords.readNumber(in);
                    int deliveryCount = (int) DeliveryRecords.readNumber(in);
                    String messageGroup = in.readBoolean() ? DeliveryRecords.readText(in) : null;
                    visitor.onPinned(group, branch, ack, first, last, deliveryCount, messageGroup);
                }
            }
            case ENDED -> {
                byte state = in.readByte();
                visitor.onEnded(branch, state == 0 ? null : STATES.get(state));
            }
            default ->
                throw new IllegalStateException(
                        "A delivery STATE record has type " + type + "; it was written by a newer broker");
        }
    }

    private static PreparedBranch readPrepared(BranchId branch, ByteBuf in) {
        UUID bundleId = new UUID(in.readLong(), in.readLong());
        long preparedAtMs = in.readLong();
        State state = STATES.get(in.readByte());
        int messages = (int) DeliveryRecords.readNumber(in);
        long pinned = DeliveryRecords.readNumber(in);
        List<PartitionId> partitions = new ArrayList<>();
        for (long left = DeliveryRecords.readNumber(in); left > 0; left--) {
            UUID topicId = new UUID(in.readLong(), in.readLong());
            String topic = DeliveryRecords.readText(in);
            partitions.add(new PartitionId(topicId, topic, (int) DeliveryRecords.readNumber(in)));
        }
        List<ByteBuf> sends = new ArrayList<>();
        for (long left = DeliveryRecords.readNumber(in); left > 0; left--) {
            byte[] batch = new byte[(int) DeliveryRecords.readNumber(in)];
            in.readBytes(batch);
            sends.add(Unpooled.wrappedBuffer(batch).asReadOnly());
        }
        return new PreparedBranch(
                branch,
                bundleId,
                preparedAtMs,
                List.copyOf(partitions),
                List.copyOf(sends),
                in.isReadable() ? readSpilled(readId(in), in) : null,
                messages,
                pinned,
                state);
    }

    private static ByteBuf begin(byte type, int group, BranchId branch, int bytes) {
        ByteBuf out = Unpooled.buffer(5 + 4 * BranchId.MAX_BYTES + 8 + bytes)
                .writeByte(type)
                .writeInt(group)
                .writeInt(branch.formatId());
        writeText(out, branch.globalId());
        writeText(out, branch.qualifier());
        return out;
    }

    private static void writeText(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        DeliveryRecords.writeNumber(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static StateRecord record(ByteBuf out) {
        return new StateRecord(DeliveryRecords.TAG, out);
    }
}
