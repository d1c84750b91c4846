// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What administrators ask about the groups of a {@link GroupShard}. Owner loop only. */
final class AdminCommands {
    private final GroupTable table;
    private final GroupCommands commands;

    AdminCommands(GroupTable table, GroupCommands commands) {
        this.table = table;
        this.commands = commands;
    }

    /**
     * Whether an administrator may change where the group stands; answers when what was appended before is durable.
     *
     * @param create whether a group that does not exist is made
     */
    CompletableFuture<GroupError> prepareShareGroupChange(String groupId, boolean create) {
        GroupEntry entry = table.find(groupId);
        if (entry == null && create) {
            ShareGroup group = table.newShareGroup(groupId);
            return commands.run(table.create(group), out -> {
                group.create(out);
                return GroupError.NONE;
            });
        }
        if (entry == null || !(entry.group() instanceof ShareGroup group)) {
            return commands.answer(GroupError.GROUP_ID_NOT_FOUND);
        }
        return commands.answer(group.isEmpty() ? GroupError.NONE : GroupError.NON_EMPTY_GROUP);
    }

    CompletableFuture<ShareGroupDescription> describeShareGroup(String groupId) {
        GroupEntry entry = table.find(groupId);
        return commands.answer(
                entry != null && entry.group() instanceof ShareGroup group
                        ? group.describe()
                        : ShareGroupDescription.notFound(groupId));
    }

    CompletableFuture<GroupDescription> describe(String groupId) {
        GroupEntry entry = table.find(groupId);
        return commands.answer(
                entry != null && entry.group() instanceof ClassicGroup group
                        ? group.describe()
                        : GroupDescription.notFound(groupId));
    }

    CompletableFuture<ConsumerGroupDescription> describeConsumerGroup(String groupId) {
        GroupEntry entry = table.find(groupId);
        return commands.answer(
                entry != null && entry.group() instanceof ConsumerGroup group
                        ? group.describe()
                        : ConsumerGroupDescription.notFound(groupId));
    }

    CompletableFuture<List<GroupListing>> list() {
        return commands.answer(
                table.entries().stream().map(entry -> entry.group().listing()).toList());
    }

    CompletableFuture<GroupError> delete(String groupId) {
        GroupEntry entry = table.find(groupId);
        return entry == null
                ? commands.answer(GroupError.GROUP_ID_NOT_FOUND)
                : commands.run(entry, out -> entry.group().delete(out));
    }
}
