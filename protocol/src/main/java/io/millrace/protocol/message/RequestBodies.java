// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.millrace.protocol.message.Commit.Send;
import java.util.List;

/** The bodies of Millrace's requests: their fields in the order in which the records declare them. */
final class RequestBodies {
    private static final int ACK_BYTES = 4 * Long.BYTES + Integer.BYTES + 1;
    private static final int SEND_BYTES = 1 + Integer.BYTES + Integer.BYTES;

    private RequestBodies() {}

    /** A good first size for the buffer. */
    static int sizeHint(MillraceRequest request) {
        if (request instanceof Commit commit) {
            return sizeHint(commit.sends(), commit.acks());
        } else if (request instanceof Prepare prepare) {
            return 2 * BranchId.MAX_BYTES + sizeHint(prepare.sends(), prepare.acks());
        } else if (request instanceof Spill spill) {
            return sizeHint(spill.sends(), List.of());
        }
        return 256;
    }

    private static int sizeHint(List<Send> sends, List<Acknowledgement> acks) {
        return sends.stream()
                .mapToInt(send -> send.batch().readableBytes()
                        + SEND_BYTES
                        + send.destination().length())
                .reduce(128 + acks.size() * ACK_BYTES, Integer::sum);
    }

    static void write(WireWriter out, MillraceRequest request) {
        switch (request.api()) {
            case CONNECT -> write(out, (Connect) request);
            case OPEN_DESTINATION -> write(out, (OpenDestination) request);
            case SUBSCRIBE -> write(out, (Subscribe) request);
            case PULL -> write(out, (Pull) request);
            case DRAIN -> out.writeLong(((Drain) request).consumerId());
            case ACKNOWLEDGE -> write(out, (Acknowledge) request);
            case RECOVER_SESSION -> write(out, (RecoverSession) request);
            case CLOSE_CONSUMER -> write(out, (CloseConsumer) request);
            case CLOSE_SESSION -> write(out, (CloseSession) request);
            case COMMIT -> write(out, (Commit) request);
            case PREPARE -> write(out, (Prepare) request);
            case SPILL -> write(out, (Spill) request);
            case END_BRANCH -> write(out, (EndBranch) request);
            case BEGIN_BUNDLE -> write(out, (BeginBundle) request);
            case ASK_DECISION -> write(out, (AskDecision) request);
            case END_BUNDLE -> write(out, (EndBundle) request);
            case ASK_DELETION -> out.writeUuid(((AskDeletion) request).topicId());
            case BROWSE -> write(out, (Browse) request);
            case CREATE_TEMPORARY -> out.writeEnum(WireEnum.DESTINATION_KIND, ((CreateTemporary) request).kind());
            case DELETE_TEMPORARY -> out.writeString(((DeleteTemporary) request).name());
            case UNSUBSCRIBE -> out.writeString(((Unsubscribe) request).subscription());
            case LIST_GROUPS -> out.writeString(((ListGroups) request).destination());
            case MANAGE_GROUP -> write(out, (ManageGroup) request);
            case LIST_BRANCHES ->
                out.writeBoolean(((ListBranches) request).ofCluster())
                        .writeBoolean(((ListBranches) request).withBundles());
            case HEARTBEAT, DISCONNECT -> {
                // Have no fields.
            }
        }
    }

    static MillraceRequest read(MillraceApi api, WireReader in) {
        return switch (api) {
            case CONNECT -> new Connect(in.readUuid(), in.readNullableString(), in.readInt());
            case OPEN_DESTINATION -> new OpenDestination(in.readString(), in.readEnum(WireEnum.DESTINATION_KIND));
            case SUBSCRIBE -> readSubscribe(in);
            case PULL -> new Pull(in.readLong(), in.readInt(), in.readInt(), in.readInt(), in.readInt(), readAcks(in));
            case DRAIN -> new Drain(in.readLong());
            case ACKNOWLEDGE -> new Acknowledge(in.readLong(), readAcks(in), in.readBoolean());
            case RECOVER_SESSION -> new RecoverSession(in.readLong(), in.readInt(), readAcks(in));
            case CLOSE_CONSUMER -> new CloseConsumer(in.readLong(), readAcks(in));
            case CLOSE_SESSION -> new CloseSession(in.readLong(), readAcks(in));
            case COMMIT ->
                new Commit(
                        in.readLong(),
                        in.readUuid(),
                        in.readList(SEND_BYTES, RequestBodies::readSend),
                        readAcks(in),
                        in.readString(),
                        in.readInt(),
                        in.readList(2 * Integer.BYTES, from -> new Commit.Participant(from.readInt(), from.readInt())),
                        readPieces(in));
            case PREPARE ->
                new Prepare(
                        in.readLong(),
                        in.readUuid(),
                        readBranch(in),
                        in.readList(SEND_BYTES, RequestBodies::readSend),
                        readAcks(in),
                        readPieces(in));
            case SPILL -> new Spill(in.readUuid(), in.readInt(), in.readList(SEND_BYTES, RequestBodies::readSend));
            case END_BRANCH ->
                new EndBranch(in.readUuid(), readBranch(in), in.readEnum(WireEnum.BRANCH_ACTION), in.readBoolean());
            case LIST_BRANCHES -> new ListBranches(in.readBoolean(), in.readBoolean());
            case BEGIN_BUNDLE -> new BeginBundle(in.readUuid(), in.readString(), in.readInt());
            case ASK_DECISION -> new AskDecision(in.readUuid(), in.readUuid(), in.readInt());
            case END_BUNDLE -> new EndBundle(in.readUuid(), in.readString(), in.readInt(), in.readBoolean());
            case ASK_DELETION -> new AskDeletion(in.readUuid());
            case HEARTBEAT -> new Heartbeat();
            case BROWSE ->
                new Browse(
                        in.readString(),
                        in.readInt(),
                        in.readLong(),
                        in.readLong(),
                        in.readNullableString(),
                        in.readInt(),
                        in.readInt());
            case CREATE_TEMPORARY -> new CreateTemporary(in.readEnum(WireEnum.DESTINATION_KIND));
            case DELETE_TEMPORARY -> new DeleteTemporary(in.readString());
            case UNSUBSCRIBE -> new Unsubscribe(in.readString());
            case DISCONNECT -> new Disconnect();
            case LIST_GROUPS -> new ListGroups(in.readString());
            case MANAGE_GROUP ->
                new ManageGroup(
                        in.readString(),
                        in.readEnum(WireEnum.SUBSCRIPTION_KIND),
                        in.readString(),
                        in.readEnum(WireEnum.GROUP_ACTION),
                        in.readString(),
                        in.readLong());
        };
    }

    private static void write(WireWriter out, ManageGroup request) {
        out.writeString(request.destination())
                .writeEnum(WireEnum.SUBSCRIPTION_KIND, request.kind())
                .writeString(request.name())
                .writeEnum(WireEnum.GROUP_ACTION, request.action())
                .writeString(request.target())
                .writeLong(request.startAtMs());
    }

    private static void write(WireWriter out, Connect request) {
        out.writeUuid(request.clientIncarnation())
                .writeString(request.clientId())
                .writeInt(request.heartbeatTimeoutMs());
    }

    private static void write(WireWriter out, OpenDestination request) {
        out.writeString(request.name()).writeEnum(WireEnum.DESTINATION_KIND, request.kind());
    }

    private static void write(WireWriter out, Subscribe request) {
        out.writeLong(request.sessionId())
                .writeLong(request.consumerId())
                .writeEnum(WireEnum.SUBSCRIPTION_KIND, request.kind())
                .writeString(request.subscription())
                .writeString(request.destination())
                .writeList(request.partitions(), WireWriter::writeInt)
                .writeString(request.selector())
                .writeBoolean(request.noLocal())
                .writeLong(request.startAtMs());
        write(out, request.redelivery());
    }

    private static void write(WireWriter out, Redelivery redelivery) {
        out.writeInt(redelivery.maxDeliveries())
                .writeLong(redelivery.delayMs())
                .writeLong(Double.doubleToLongBits(redelivery.multiplier()))
                .writeLong(redelivery.maxDelayMs())
                .writeString(redelivery.deadLetterQueue());
    }

    private static Redelivery readRedelivery(WireReader in) {
        return new Redelivery(
                in.readInt(),
                in.readLong(),
                Double.longBitsToDouble(in.readLong()),
                in.readLong(),
                in.readNullableString());
    }

    private static Subscribe readSubscribe(WireReader in) {
        return new Subscribe(
                in.readLong(),
                in.readLong(),
                in.readEnum(WireEnum.SUBSCRIPTION_KIND),
                in.readString(),
                in.readString(),
                in.readList(Integer.BYTES, WireReader::readInt),
                in.readNullableString(),
                in.readBoolean(),
                in.readLong(),
                readRedelivery(in));
    }

    private static void write(WireWriter out, Browse request) {
        out.writeString(request.destination())
                .writeInt(request.partition())
                .writeLong(request.fromOffset())
                .writeLong(request.endOffset())
                .writeString(request.selector())
                .writeInt(request.maxMessages())
                .writeInt(request.maxBytes());
    }

    private static void write(WireWriter out, Pull request) {
        out.writeLong(request.consumerId())
                .writeInt(request.sessionEpoch())
                .writeInt(request.maxMessages())
                .writeInt(request.maxBytes())
                .writeInt(request.maxWaitMs())
                .writeList(request.acks(), RequestBodies::writeAck);
    }

    private static void write(WireWriter out, Acknowledge request) {
        out.writeLong(request.sessionId())
                .writeList(request.acks(), RequestBodies::writeAck)
                .writeBoolean(request.awaited());
    }

    private static void write(WireWriter out, RecoverSession request) {
        out.writeLong(request.sessionId())
                .writeInt(request.sessionEpoch())
                .writeList(request.receipts(), RequestBodies::writeAck);
    }

    private static void write(WireWriter out, CloseConsumer request) {
        out.writeLong(request.consumerId()).writeList(request.receipts(), RequestBodies::writeAck);
    }

    private static void write(WireWriter out, CloseSession request) {
        out.writeLong(request.sessionId()).writeList(request.receipts(), RequestBodies::writeAck);
    }

    private static void write(WireWriter out, Commit request) {
        out.writeLong(request.sessionId())
                .writeUuid(request.bundleId())
                .writeList(request.sends(), RequestBodies::writeSend)
                .writeList(request.acks(), RequestBodies::writeAck)
                .writeString(request.destination())
                .writeInt(request.partition())
                .writeList(
                        request.participants(),
                        (w, participant) -> w.writeInt(participant.number()).writeInt(participant.brokerId()));
        writePieces(out, request.pieces());
    }

    private static void writePieces(WireWriter out, Spill.Pieces pieces) {
        out.writeUuid(pieces.spillId()).writeInt(pieces.count());
    }

    private static Spill.Pieces readPieces(WireReader in) {
        return new Spill.Pieces(in.readUuid(), in.readInt());
    }

    private static void write(WireWriter out, Spill request) {
        out.writeUuid(request.spillId()).writeInt(request.piece()).writeList(request.sends(), RequestBodies::writeSend);
    }

    private static void write(WireWriter out, Prepare request) {
        writeBranch(out.writeLong(request.sessionId()).writeUuid(request.bundleId()), request.branch())
                .writeList(request.sends(), RequestBodies::writeSend)
                .writeList(request.acks(), RequestBodies::writeAck);
        writePieces(out, request.pieces());
    }

    private static void write(WireWriter out, BeginBundle request) {
        out.writeUuid(request.bundleId()).writeString(request.destination()).writeInt(request.partition());
    }

    private static void write(WireWriter out, AskDecision request) {
        out.writeUuid(request.bundleId()).writeUuid(request.topicId()).writeInt(request.partition());
    }

    private static void write(WireWriter out, EndBundle request) {
        out.writeUuid(request.bundleId())
                .writeString(request.destination())
                .writeInt(request.partition())
                .writeBoolean(request.applied());
    }

    private static void write(WireWriter out, EndBranch request) {
        writeBranch(out.writeUuid(request.requestId()), request.branch())
                .writeEnum(WireEnum.BRANCH_ACTION, request.action())
                .writeBoolean(request.heuristic());
    }

    static WireWriter writeBranch(WireWriter out, BranchId branch) {
        return out.writeInt(branch.formatId()).writeString(branch.globalId()).writeString(branch.qualifier());
    }

    static BranchId readBranch(WireReader in) {
        int formatId = in.readInt();
        String globalId = in.readString();
        String qualifier = in.readString();
        try {
            return new BranchId(formatId, globalId, qualifier);
        } catch (IllegalArgumentException e) {
            throw in.malformed(String.valueOf(e.getMessage()));
        }
    }

    private static void writeSend(WireWriter out, Send send) {
        out.writeString(send.destination()).writeInt(send.partition()).writeBuffer(send.batch());
    }

    private static Send readSend(WireReader in) {
        return new Send(in.readString(), in.readInt(), in.readBuffer());
    }

    private static void writeAck(WireWriter out, Acknowledgement ack) {
        out.writeLong(ack.consumerId())
                .writeInt(ack.partition())
                .writeLong(ack.firstOffset())
                .writeLong(ack.lastOffset())
                .writeLong(ack.lease())
                .writeEnum(WireEnum.ACK_TYPE, ack.type());
    }

    private static List<Acknowledgement> readAcks(WireReader in) {
        return in.readList(ACK_BYTES, RequestBodies::readAck);
    }

    private static Acknowledgement readAck(WireReader in) {
        return new Acknowledgement(
                in.readLong(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readEnum(WireEnum.ACK_TYPE));
    }
}
