// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one partition of the coordinator's topic; everything runs on that partition's owner loop. Runs each
 * command as compute, append, replay, answer: an answer leaves once all that was appended before it is durable.
 *
 * <p>All of it lives in the partition's STATE stream; its DATA stream stays empty. Snapshots bound the STATE stream, so
 * there is nothing to compact, and a restart reads one snapshot and what follows it.
 */
final class GroupShard implements StateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);

    /** The tag of this machine's records. */
    static final byte TAG = 'G';

    private final String name;
    private final GroupConfig config;
    private final BrokerClock clock;
    private final GroupRuntime runtime;
    private final Map<String, GroupEntry> entries = new HashMap<>();

    private boolean serving;
    private boolean lost;
    private CompletableFuture<?> lastAppend = CompletableFuture.completedFuture(null);

    /** @param name the partition's, for messages */
    GroupShard(String name, GroupConfig config, BrokerClock clock, GroupRuntime runtime) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.runtime = runtime;
    }

    // Commands

    CompletableFuture<JoinResult> join(String groupId, JoinRequest request) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            if (!request.memberId().isEmpty()) {
                return answer(JoinResult.failed(GroupError.UNKNOWN_MEMBER_ID, request.memberId()));
            }
            entry = create(groupId);
        }
        CompletableFuture<JoinResult> reply = new CompletableFuture<>();
        Outcome out = outcome();
        entry.group().join(request, reply, nowMs(), out);
        finish(entry, out);
        return reply;
    }

    CompletableFuture<SyncResult> sync(String groupId, SyncRequest request) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            return answer(SyncResult.failed(GroupError.UNKNOWN_MEMBER_ID));
        }
        CompletableFuture<SyncResult> reply = new CompletableFuture<>();
        Outcome out = outcome();
        entry.group().sync(request, reply, nowMs(), out);
        finish(entry, out);
        return reply;
    }

    CompletableFuture<GroupError> heartbeat(String groupId, MemberIdentity who, int generation) {
        GroupEntry entry = entries.get(groupId);
        return answer(
                entry == null ? GroupError.UNKNOWN_MEMBER_ID : entry.group().heartbeat(who, generation, nowMs()));
    }

    CompletableFuture<List<GroupError>> leave(String groupId, List<MemberIdentity> leavers) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            return answer(
                    leavers.stream().map(who -> GroupError.UNKNOWN_MEMBER_ID).toList());
        }
        CompletableFuture<List<GroupError>> reply = new CompletableFuture<>();
        Outcome out = outcome();
        out.answer(reply, entry.group().leave(leavers, nowMs(), out));
        finish(entry, out);
        return reply;
    }

    /** One result for each offset, in order. */
    CompletableFuture<List<GroupError>> commit(String groupId, CommitRequest request) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            if (request.generation() >= 0) {
                return answer(same(GroupError.ILLEGAL_GENERATION, request));
            }
            entry = create(groupId);
        }
        Outcome out = outcome();
        GroupError error = entry.group().validateCommit(request.who(), request.generation(), nowMs());
        List<GroupError> errors = error == GroupError.NONE ? accept(groupId, request, out) : same(error, request);
        CompletableFuture<List<GroupError>> reply = new CompletableFuture<>();
        out.answer(reply, errors);
        finish(entry, out);
        return reply;
    }

    private List<GroupError> accept(String groupId, CommitRequest request, Outcome out) {
        Map<OffsetKey, CommittedOffset> accepted = new LinkedHashMap<>();
        List<GroupError> errors = new ArrayList<>();
        for (CommitRequest.Offset offset : request.offsets()) {
            if (ByteBufUtil.utf8Bytes(offset.metadata()) > config.maxOffsetMetadataBytes()) {
                errors.add(GroupError.OFFSET_METADATA_TOO_LARGE);
            } else {
                errors.add(GroupError.NONE);
                accepted.put(
                        offset.key(),
                        new CommittedOffset(offset.offset(), offset.leaderEpoch(), offset.metadata(), out.wallMs()));
            }
        }
        if (!accepted.isEmpty()) {
            out.append(new GroupRecord.Offsets(groupId, accepted));
        }
        return errors;
    }

    private static List<GroupError> same(GroupError error, CommitRequest request) {
        return request.offsets().stream().map(offset -> error).toList();
    }

    /** The committed offsets of a group; none for one that does not exist. */
    CompletableFuture<Map<OffsetKey, CommittedOffset>> offsets(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return answer(entry == null ? Map.of() : Map.copyOf(entry.offsets().all()));
    }

    CompletableFuture<GroupDescription> describe(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return answer(
                entry == null
                        ? GroupDescription.notFound(groupId)
                        : entry.group().describe());
    }

    CompletableFuture<List<GroupListing>> list() {
        return answer(entries.values().stream()
                .map(GroupEntry::group)
                .map(group -> new GroupListing(
                        group.groupId(), group.protocolType(), group.state().kafkaName()))
                .toList());
    }

    CompletableFuture<GroupError> delete(String groupId) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            return answer(GroupError.GROUP_ID_NOT_FOUND);
        }
        CompletableFuture<GroupError> reply = new CompletableFuture<>();
        Outcome out = outcome();
        out.answer(reply, entry.group().delete(out));
        finish(entry, out);
        return reply;
    }

    /** Removes the offsets of topics that do not exist any more. */
    void dropDeletedTopics() {
        Set<UUID> existing = runtime.topicIds();
        if (lost || existing.isEmpty()) {
            return;
        }
        Set<UUID> gone = new HashSet<>();
        entries.values().forEach(entry -> entry.offsets().addTopicsTo(gone));
        gone.removeAll(existing);
        if (gone.isEmpty()) {
            return;
        }
        Outcome out = outcome();
        gone.forEach(topicId -> out.append(new GroupRecord.TopicRemoved(topicId)));
        perform(out);
        entries.values().removeIf(GroupEntry::isBlank);
        LOG.info("{}: removed the groups' offsets of {} deleted topics", name, gone.size());
    }

    // Compute, append, replay, answer

    private GroupEntry create(String groupId) {
        GroupEntry entry = new GroupEntry(new ClassicGroup(groupId, config));
        entries.put(groupId, entry);
        return entry;
    }

    private <T> CompletableFuture<T> answer(T value) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        Outcome out = outcome();
        out.answer(reply, value);
        perform(out);
        return reply;
    }

    private void finish(GroupEntry entry, Outcome out) {
        perform(out);
        if (entry.isBlank()) {
            entry.disarm();
            entries.remove(entry.group().groupId(), entry);
        } else {
            entry.arm(nowMs(), runtime, () -> onTimer(entry));
        }
    }

    private void perform(Outcome out) {
        if (lost) {
            out.fail(notOwned());
            return;
        }
        if (!out.records().isEmpty()) {
            lastAppend = runtime.append(encode(out.records()));
        }
        if (lastAppend.isDone() && !lastAppend.isCompletedExceptionally()) {
            out.publish();
            return;
        }
        var unused = lastAppend.whenComplete((done, failure) -> {
            if (failure == null) {
                out.publish();
            } else {
                out.fail(notOwned());
            }
        });
    }

    private List<StateRecord> encode(List<GroupRecord> records) {
        return records.stream()
                .map(record -> new StateRecord(TAG, GroupRecordCodec.encode(record, ByteBufAllocator.DEFAULT)))
                .toList();
    }

    private GroupException notOwned() {
        return new GroupException(
                GroupError.NOT_COORDINATOR,
                name + " is not served by this broker any more: find the coordinator again");
    }

    private void onTimer(GroupEntry entry) {
        entry.onTimer();
        if (lost) {
            return;
        }
        Outcome out = outcome();
        entry.group().tick(nowMs(), out);
        finish(entry, out);
    }

    private Outcome outcome() {
        return new Outcome(clock.wallMs());
    }

    private long nowMs() {
        return clock.nanos() / 1_000_000;
    }

    // State machine

    @Override
    public byte tag() {
        return TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        GroupRecord decoded = GroupRecordCodec.decode(record);
        if (decoded instanceof GroupRecord.Metadata metadata) {
            replay(metadata);
        } else if (decoded instanceof GroupRecord.Offsets offsets) {
            entry(offsets.groupId()).offsets().apply(offsets.offsets());
        } else if (decoded instanceof GroupRecord.Removed removed) {
            GroupEntry entry = entries.remove(removed.groupId());
            if (entry != null) {
                entry.disarm();
                entry.group().onRemoved();
            }
        } else if (decoded instanceof GroupRecord.TopicRemoved removed) {
            entries.values().forEach(entry -> entry.offsets().removeTopic(removed.topicId()));
        }
    }

    private void replay(GroupRecord.Metadata metadata) {
        GroupEntry entry = entry(metadata.groupId());
        if (!serving) {
            entry.group(new ClassicGroup(metadata.groupId(), config)); // the record says all: what was before is past
        }
        entry.group().apply(metadata);
    }

    private GroupEntry entry(String groupId) {
        @Nullable GroupEntry entry = entries.get(groupId);
        return entry == null ? create(groupId) : entry;
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        Consumer<GroupRecord> records = record ->
                writer.accept(new StateRecord(TAG, GroupRecordCodec.encode(record, ByteBufAllocator.DEFAULT)));
        for (GroupEntry entry : entries.values()) {
            ClassicGroup group = entry.group();
            if (group.durable() != null) {
                records.accept(group.durable());
            }
            entry.offsets().snapshot(group.groupId(), records);
        }
    }

    @Override
    public void onServing() {
        serving = true;
        for (GroupEntry entry : entries.values()) {
            entry.group().startTimers(nowMs());
            entry.arm(nowMs(), runtime, () -> onTimer(entry));
        }
        LOG.info("{}: coordinates {} groups", name, entries.size());
        dropDeletedTopics();
    }

    @Override
    public void onLost() {
        Outcome out = outcome();
        for (GroupEntry entry : entries.values()) {
            entry.disarm();
            entry.group().onLost(out);
        }
        entries.clear();
        lost = true;
        out.publish();
    }
}
