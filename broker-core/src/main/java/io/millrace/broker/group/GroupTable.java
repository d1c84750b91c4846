// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.config.GroupConfigKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a {@link GroupShard} and their offsets, as the records of the STATE stream make them. Owner loop only.
 */
final class GroupTable {
    private final GroupConfig config;
    private final GroupRuntime runtime;
    private final TopicVisibility visibility;
    private final Map<String, GroupEntry> entries = new HashMap<>();
    private final GroupTransactions transactions = new GroupTransactions();
    private boolean serving;

    GroupTable(GroupConfig config, GroupRuntime runtime, TopicVisibility visibility) {
        this.config = config;
        this.runtime = runtime;
        this.visibility = visibility;
    }

    @Nullable
    GroupEntry find(String groupId) {
        return entries.get(groupId);
    }

    boolean contains(GroupEntry entry) {
        return entries.get(entry.group().groupId()) == entry;
    }

    /** All there are now; what is done with them may remove some. */
    List<GroupEntry> entries() {
        return List.copyOf(entries.values());
    }

    /** Which groups have offsets in undecided transactions. */
    GroupTransactions transactions() {
        return transactions;
    }

    /** From now on groups hold members that are there, not what records say of past ones. */
    void onServing() {
        serving = true;
    }

    void clear() {
        entries.clear();
    }

    /** A new entry for a group that nobody has joined yet. */
    GroupEntry create(String groupId) {
        return create(new ClassicGroup(groupId, config));
    }

    GroupEntry create(Group group) {
        GroupEntry entry = new GroupEntry(group);
        entries.put(group.groupId(), entry);
        return entry;
    }

    ShareGroup newShareGroup(String groupId) {
        return new ShareGroup(
                groupId,
                () -> runtime.settings(groupId).get(GroupConfigKeys.SHARE_SESSION_TIMEOUT_MS),
                runtime::topics);
    }

    ConsumerGroup newConsumerGroup(String groupId) {
        return new ConsumerGroup(groupId, config, () -> new TopicSubscriptions(runtime.topics(), visibility));
    }

    /** Forgets a group of which nothing is left; answers whether it was one. */
    boolean removeIfBlank(GroupEntry entry) {
        boolean blank = entry.isBlank();
        if (blank) {
            entry.disarm();
            entries.remove(entry.group().groupId(), entry);
        }
        return blank;
    }

    /** Takes a record in, of live traffic as at recovery. */
    void replay(GroupRecord decoded) {
        if (decoded instanceof GroupRecord.Metadata metadata) {
            describe(metadata);
        } else if (decoded instanceof GroupRecord.Offsets offsets) {
            entry(offsets.groupId()).offsets().apply(offsets.offsets());
        } else if (decoded instanceof GroupRecord.PendingOffsets pending) {
            transactions.onPending(pending.producerId(), pending.groupId());
            entry(pending.groupId()).offsets().apply(pending);
        } else if (decoded instanceof GroupRecord.TransactionEnded ended) {
            end(ended);
        } else if (decoded instanceof GroupRecord.OffsetsRemoved removed) {
            entry(removed.groupId()).offsets().apply(removed);
        } else if (decoded instanceof GroupRecord.ConsumerEpoch epoch) {
            consumerGroup(epoch.groupId()).apply(epoch);
        } else if (decoded instanceof GroupRecord.ConsumerMemberState member) {
            consumerGroup(member.groupId()).apply(member.member());
        } else if (decoded instanceof GroupRecord.ConsumerTarget target) {
            consumerGroup(target.groupId()).apply(target);
        } else if (decoded instanceof GroupRecord.ConsumerMemberRemoved removed) {
            consumerGroup(removed.groupId()).apply(removed);
        } else if (decoded instanceof GroupRecord.ShareEpoch epoch) {
            shareGroup(epoch.groupId()).apply(epoch);
        } else if (decoded instanceof GroupRecord.ShareMemberState member) {
            shareGroup(member.groupId()).apply(member.member());
        } else if (decoded instanceof GroupRecord.ShareTarget target) {
            shareGroup(target.groupId()).apply(target);
        } else if (decoded instanceof GroupRecord.ShareMemberRemoved removed) {
            shareGroup(removed.groupId()).apply(removed);
        } else if (decoded instanceof GroupRecord.Removed removed) {
            remove(removed.groupId());
        } else if (decoded instanceof GroupRecord.TopicRemoved removed) {
            entries.values().forEach(entry -> entry.offsets().removeTopic(removed.topicId()));
        }
    }

    private void end(GroupRecord.TransactionEnded ended) {
        for (String groupId : transactions.groupsOf(ended.producerId())) {
            GroupEntry entry = entries.get(groupId);
            if (entry != null) {
                entry.offsets().apply(ended);
            }
        }
        transactions.remove(ended.producerId());
    }

    private void describe(GroupRecord.Metadata metadata) {
        GroupEntry entry = entry(metadata.groupId());
        ClassicGroup group =
                serving && entry.group() instanceof ClassicGroup live // else the record says all: what was is past
                        ? live
                        : new ClassicGroup(metadata.groupId(), config);
        entry.group(group);
        group.apply(metadata);
    }

    private void remove(String groupId) {
        GroupEntry entry = entries.remove(groupId);
        if (entry != null) {
            entry.disarm();
            entry.group().onRemoved();
        }
    }

    /** The group, which from now on is a consumer group, whatever it was. */
    private ConsumerGroup consumerGroup(String groupId) {
        GroupEntry entry = entry(groupId);
        if (entry.group() instanceof ConsumerGroup group) {
            return group;
        }
        ConsumerGroup group = newConsumerGroup(groupId);
        entry.group(group);
        return group;
    }

    /** The group, which from now on is a share group. */
    private ShareGroup shareGroup(String groupId) {
        GroupEntry entry = entry(groupId);
        if (entry.group() instanceof ShareGroup group) {
            return group;
        }
        ShareGroup group = newShareGroup(groupId);
        entry.group(group);
        return group;
    }

    private GroupEntry entry(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return entry == null ? create(groupId) : entry;
    }

    /** Hands out the records that make this table again. */
    void snapshot(Consumer<GroupRecord> records) {
        for (GroupEntry entry : entries.values()) {
            entry.group().snapshot(records);
            entry.offsets().snapshot(entry.group().groupId(), records);
        }
    }
}
