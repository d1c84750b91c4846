// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one partition of the coordinator's topic; everything runs on that partition's owner loop.
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
    private final GroupRuntime runtime;
    private final GroupTable table;
    private final GroupCommands commands;
    private final MemberCommands members;
    private final OffsetCommands offsets;
    private final AdminCommands administration;
    private OwnerLoop.@Nullable Timer expiryTimer;

    /** @param name the partition's, for messages */
    GroupShard(String name, GroupConfig config, BrokerClock clock, GroupRuntime runtime, TopicVisibility visibility) {
        this.name = name;
        this.config = config;
        this.runtime = runtime;
        this.table = new GroupTable(config, runtime, visibility);
        this.commands = new GroupCommands(name, clock, runtime, table);
        this.members = new MemberCommands(config, runtime, table, commands);
        this.offsets = new OffsetCommands(config, runtime, table, commands);
        this.administration = new AdminCommands(table, commands);
    }

    MemberCommands members() {
        return members;
    }

    OffsetCommands offsets() {
        return offsets;
    }

    AdminCommands administration() {
        return administration;
    }

    // What happens by itself

    /** Topics came, went or got more partitions: offsets of deleted ones go, consumer groups share out anew. */
    void onTopicsChanged() {
        ClusterView view = runtime.topics();
        if (commands.isLost() || view.topics().isEmpty()) {
            return;
        }
        for (GroupEntry entry : table.entries()) {
            if (entry.group() instanceof ConsumerGroup group) {
                Outcome out = commands.outcome();
                group.onTopicsChanged(out);
                commands.finish(entry, out);
            } else if (entry.group() instanceof ShareGroup group) {
                Outcome out = commands.outcome();
                group.onTopicsChanged(out);
                commands.finish(entry, out);
            }
        }
        dropDeletedTopics(view.topicNames().keySet());
    }

    private void dropDeletedTopics(Set<UUID> existing) {
        Set<UUID> gone = new HashSet<>();
        table.entries().forEach(entry -> entry.offsets().addTopicsTo(gone));
        gone.removeAll(existing);
        if (gone.isEmpty()) {
            return;
        }
        Outcome out = commands.outcome();
        gone.forEach(topicId -> out.append(new GroupRecord.TopicRemoved(topicId)));
        commands.perform(out);
        table.entries().forEach(table::removeIfBlank);
        LOG.info("{}: removed the groups' offsets of {} deleted topics", name, gone.size());
    }

    private void expireOffsets() {
        if (commands.isLost()) {
            return;
        }
        ClusterView view = runtime.topics();
        OffsetExpiry expiry = new OffsetExpiry(config.offsetsRetentionMs());
        int expired = 0;
        for (GroupEntry entry : table.entries()) {
            Outcome out = commands.outcome();
            expired += expiry.expire(entry, view, out);
            if (!out.records().isEmpty()) {
                commands.finish(entry, out);
            }
        }
        if (expired > 0) {
            LOG.info("{}: {} offsets expired", name, expired);
        }
        expiryTimer = runtime.schedule(this::expireOffsets, config.offsetsCheckIntervalMs());
    }

    // State machine

    @Override
    public byte tag() {
        return TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        table.replay(GroupRecordCodec.decode(record));
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        table.snapshot(record -> writer.accept(StateAppender.encode(record)));
    }

    @Override
    public void onServing() {
        table.onServing();
        for (GroupEntry entry : table.entries()) {
            entry.group().startTimers(commands.nowMs());
            commands.arm(entry);
        }
        LOG.info("{}: coordinates {} groups", name, table.entries().size());
        onTopicsChanged();
        expiryTimer = runtime.schedule(this::expireOffsets, config.offsetsCheckIntervalMs());
    }

    @Override
    public void onLost() {
        if (expiryTimer != null) {
            expiryTimer.cancel();
        }
        Outcome out = commands.outcome();
        for (GroupEntry entry : table.entries()) {
            entry.disarm();
            entry.group().onLost(out);
        }
        table.clear();
        commands.onLost();
        out.publish();
    }
}
