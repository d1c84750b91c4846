// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.partition.StateRecord;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.CompletableFuture;

/**
 * Brings what commands of a {@link GroupShard} computed into effect: appends their records and gives their answers once
 * all that was appended before is durable. Owner loop only.
 */
final class StateAppender {
    private final String name;
    private final GroupRuntime runtime;
    private boolean lost;
    private CompletableFuture<?> lastAppend = CompletableFuture.completedFuture(null);

    /** @param name the partition's, for messages */
    StateAppender(String name, GroupRuntime runtime) {
        this.name = name;
        this.runtime = runtime;
    }

    /** Ownership ended: nothing is appended any more, and nothing answered as done. */
    void onLost() {
        lost = true;
    }

    boolean isLost() {
        return lost;
    }

    void perform(Outcome out) {
        if (lost) {
            out.fail(notOwned());
            return;
        }
        if (!out.records().isEmpty()) {
            lastAppend = runtime.append(
                    out.records().stream().map(StateAppender::encode).toList());
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

    static StateRecord encode(GroupRecord record) {
        return new StateRecord(GroupShard.TAG, GroupRecordCodec.encode(record, ByteBufAllocator.DEFAULT));
    }

    private GroupException notOwned() {
        return new GroupException(
                GroupError.NOT_COORDINATOR,
                name + " is not served by this broker any more: find the coordinator again");
    }
}
