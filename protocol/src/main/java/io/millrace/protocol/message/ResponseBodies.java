// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.millrace.protocol.message.OpenDestination.PartitionLeader;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The bodies of Millrace's answers: a byte that says whether only the status follows (a {@link PlainResponse}), the
 * status, then the other fields in the order in which the records declare them. So any request may be refused with a
 * plain answer; its reader gets the request's own answer, with nothing in it but the status.
 */
final class ResponseBodies {
    private static final int PLAIN = 0;
    private static final int FULL = 1;
    private static final int LEADER_BYTES = 3 * Integer.BYTES + 1;
    private static final int RUN_BYTES = 4 * Integer.BYTES + 3 * Long.BYTES + 1;
    private static final int GROUP_BYTES = 4 * Integer.BYTES + 5 * Long.BYTES + 2;
    private static final int BRANCH_BYTES = Integer.BYTES + Long.BYTES + 4;
    private static final int PART_BYTES = 2 * Integer.BYTES + 2 * Long.BYTES + 1;
    private static final UUID NO_UUID = new UUID(0, 0);

    private ResponseBodies() {}

    /** A good first size for the buffer. */
    static int sizeHint(MillraceResponse response) {
        if (response instanceof Pull.Response pull) {
            return sizeHint(pull.runs());
        } else if (response instanceof Browse.Response page) {
            return sizeHint(page.runs());
        }
        return 256;
    }

    private static int sizeHint(List<Pull.Run> runs) {
        return runs.stream()
                .mapToInt(run -> run.records().readableBytes() + RUN_BYTES)
                .reduce(64, Integer::sum);
    }

    static void write(WireWriter out, MillraceResponse response) {
        out.writeByte(response instanceof PlainResponse ? PLAIN : FULL);
        out.writeShort(response.status().code().id())
                .writeString(response.status().message());
        if (response instanceof Connect.Response connect) {
            write(out, connect);
        } else if (response instanceof OpenDestination.Response open) {
            out.writeList(open.partitions(), ResponseBodies::writeLeader);
        } else if (response instanceof Pull.Response pull) {
            out.writeInt(pull.sessionEpoch()).writeList(pull.runs(), ResponseBodies::writeRun);
        } else if (response instanceof Acknowledge.Response acknowledge) {
            out.writeList(acknowledge.refused(), WireWriter::writeInt);
        } else if (response instanceof Commit.Response commit) {
            out.writeList(commit.baseOffsets(), WireWriter::writeLong);
        } else if (response instanceof EndBranch.Response ended) {
            out.writeEnum(WireEnum.BRANCH_OUTCOME, ended.outcome());
        } else if (response instanceof ListBranches.Response listed) {
            out.writeList(listed.branches(), ResponseBodies::writeBranch);
        } else if (response instanceof BeginBundle.Response begun) {
            out.writeUuid(begun.topicId());
        } else if (response instanceof AskDecision.Response asked) {
            out.writeEnum(WireEnum.DECISION, asked.decision());
        } else if (response instanceof Browse.Response page) {
            out.writeLong(page.nextOffset())
                    .writeLong(page.endOffset())
                    .writeList(page.runs(), ResponseBodies::writeRun);
        } else if (response instanceof CreateTemporary.Response created) {
            out.writeString(created.name());
        } else if (response instanceof ListGroups.Response listed) {
            out.writeList(listed.groups(), ResponseBodies::writeGroup);
        } else if (response instanceof ManageGroup.Response managed) {
            out.writeLong(managed.count());
        }
    }

    static MillraceResponse read(MillraceApi api, WireReader in) {
        byte form = in.readByte();
        Status status = new Status(ErrorCode.forId(in.readShort()), in.readNullableString());
        if (form == PLAIN) {
            return plain(api, status, in);
        } else if (form != FULL) {
            throw in.malformed("an answer has form " + form);
        }
        return switch (api) {
            case CONNECT -> readConnect(in, status);
            case OPEN_DESTINATION ->
                new OpenDestination.Response(status, in.readList(LEADER_BYTES, ResponseBodies::readLeader));
            case PULL -> new Pull.Response(status, in.readInt(), in.readList(RUN_BYTES, ResponseBodies::readRun));
            case ACKNOWLEDGE -> new Acknowledge.Response(status, in.readList(Integer.BYTES, WireReader::readInt));
            case COMMIT -> new Commit.Response(status, in.readList(Long.BYTES, WireReader::readLong));
            case END_BRANCH -> new EndBranch.Response(status, in.readEnum(WireEnum.BRANCH_OUTCOME));
            case LIST_BRANCHES ->
                new ListBranches.Response(status, in.readList(BRANCH_BYTES, ResponseBodies::readBranch));
            case BEGIN_BUNDLE -> new BeginBundle.Response(status, in.readUuid());
            case ASK_DECISION -> new AskDecision.Response(status, in.readEnum(WireEnum.DECISION));
            case BROWSE ->
                new Browse.Response(
                        status, in.readLong(), in.readLong(), in.readList(RUN_BYTES, ResponseBodies::readRun));
            case CREATE_TEMPORARY -> new CreateTemporary.Response(status, in.readString());
            case LIST_GROUPS -> new ListGroups.Response(status, in.readList(GROUP_BYTES, ResponseBodies::readGroup));
            case MANAGE_GROUP -> new ManageGroup.Response(status, in.readLong());
            default -> throw in.malformed("the answer to " + api + " has fields beside its status");
        };
    }

    private static MillraceResponse plain(MillraceApi api, Status status, WireReader in) {
        MillraceResponse response = switch (api) {
            case CONNECT -> new Connect.Response(status, -1, NO_UUID, 0, 0, Set.of());
            case OPEN_DESTINATION -> new OpenDestination.Response(status, List.of());
            case PULL -> new Pull.Response(status, 0, List.of());
            case ACKNOWLEDGE -> new Acknowledge.Response(status, List.of());
            case COMMIT -> new Commit.Response(status, List.of());
            case END_BRANCH -> new EndBranch.Response(status, EndBranch.Outcome.DONE);
            case LIST_BRANCHES -> new ListBranches.Response(status, List.of());
            case BEGIN_BUNDLE -> new BeginBundle.Response(status, NO_UUID);
            case ASK_DECISION -> new AskDecision.Response(status, AskDecision.Decision.OPEN);
            case BROWSE -> new Browse.Response(status, 0, 0, List.of());
            case CREATE_TEMPORARY -> new CreateTemporary.Response(status, "");
            case LIST_GROUPS -> new ListGroups.Response(status, List.of());
            case MANAGE_GROUP -> new ManageGroup.Response(status, 0);
            default -> new PlainResponse(status);
        };
        if (status.isOk() && !(response instanceof PlainResponse)) {
            throw in.malformed("the answer to " + api + " says OK but lacks its fields");
        }
        return response;
    }

    private static void write(WireWriter out, Connect.Response response) {
        out.writeInt(response.brokerId())
                .writeUuid(response.brokerIncarnation())
                .writeInt(response.heartbeatTimeoutMs())
                .writeInt(response.maxFrameBytes())
                .writeList(response.features(), (w, feature) -> w.writeEnum(WireEnum.FEATURE, feature));
    }

    private static Connect.Response readConnect(WireReader in, Status status) {
        return new Connect.Response(status, in.readInt(), in.readUuid(), in.readInt(), in.readInt(), readFeatures(in));
    }

    /** Features of a newer broker, unknown here, are left out. */
    private static Set<Feature> readFeatures(WireReader in) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (byte id : in.readList(1, WireReader::readByte)) {
            if (WireEnum.FEATURE.hasId(id)) {
                features.add(WireEnum.FEATURE.forId(id));
            }
        }
        return Set.copyOf(features);
    }

    private static void writeGroup(WireWriter out, ListGroups.Group group) {
        out.writeString(group.destination())
                .writeEnum(WireEnum.SUBSCRIPTION_KIND, group.kind())
                .writeString(group.name())
                .writeInt(group.partition())
                .writeLong(group.depth())
                .writeLong(group.inFlight())
                .writeLong(group.delayed())
                .writeLong(group.dead())
                .writeInt(group.consumers())
                .writeBoolean(group.paused())
                .writeLong(group.oldestMs());
    }

    private static ListGroups.Group readGroup(WireReader in) {
        return new ListGroups.Group(
                in.readString(),
                in.readEnum(WireEnum.SUBSCRIPTION_KIND),
                in.readString(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readBoolean(),
                in.readLong());
    }

    private static void writeBranch(WireWriter out, ListBranches.Branch branch) {
        RequestBodies.writeBranch(out, branch.id())
                .writeEnum(WireEnum.BRANCH_STATE, branch.state())
                .writeLong(branch.preparedAtMs())
                .writeList(
                        branch.parts(),
                        (w, part) -> w.writeString(part.destination())
                                .writeInt(part.partition())
                                .writeInt(part.sends())
                                .writeLong(part.sendBytes())
                                .writeLong(part.acknowledged()));
    }

    private static ListBranches.Branch readBranch(WireReader in) {
        return new ListBranches.Branch(
                RequestBodies.readBranch(in),
                in.readEnum(WireEnum.BRANCH_STATE),
                in.readLong(),
                in.readList(
                        PART_BYTES,
                        part -> new ListBranches.Part(
                                part.readString(), part.readInt(), part.readInt(), part.readLong(), part.readLong())));
    }

    private static void writeLeader(WireWriter out, PartitionLeader leader) {
        out.writeInt(leader.partition())
                .writeInt(leader.brokerId())
                .writeString(leader.host())
                .writeInt(leader.port());
    }

    private static PartitionLeader readLeader(WireReader in) {
        return new PartitionLeader(in.readInt(), in.readInt(), in.readString(), in.readInt());
    }

    private static void writeRun(WireWriter out, Pull.Run run) {
        out.writeInt(run.partition())
                .writeLong(run.lease())
                .writeInt(run.deliveryCount())
                .writeBoolean(run.redelivered())
                .writeLong(run.baseOffset())
                .writeLong(run.baseTimestampMs())
                .writeInt(run.count())
                .writeBuffer(run.records());
    }

    private static Pull.Run readRun(WireReader in) {
        return new Pull.Run(
                in.readInt(),
                in.readLong(),
                in.readInt(),
                in.readBoolean(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readBuffer());
    }
}
