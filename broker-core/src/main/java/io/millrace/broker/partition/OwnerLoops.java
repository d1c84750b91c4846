// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.record.PartitionId;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/**
 * The broker's owner loops, which are the network's loops as well; a partition always gets the same one. Safe for any
 * thread.
 */
public final class OwnerLoops implements AutoCloseable {
    private static final long LONGEST_STOP_S = 5;

    private final EventLoopGroup group;
    private final List<EventLoopOwner> loops;

    /** Takes the group over: {@link #close} ends it. */
    public OwnerLoops(EventLoopGroup group) {
        this.group = group;
        this.loops = StreamSupport.stream(group.spliterator(), false)
                .map(loop -> new EventLoopOwner((EventLoop) loop))
                .toList();
    }

    /** The same loops as the network knows them. */
    public EventLoopGroup group() {
        return group;
    }

    /** A loop for timers that belong to no partition. */
    public OwnerLoop timers() {
        return loops.get(0);
    }

    /** The loop of a partition. */
    public OwnerLoop loopOf(PartitionId partition) {
        return loops.get(Math.floorMod(partition.hashCode(), loops.size()));
    }

    /** A loop for work that is no partition's, such as a connection's; the same for the same key. */
    public OwnerLoop loopFor(long key) {
        return loops.get((int) Math.floorMod(key, (long) loops.size()));
    }

    /** Ends the loops after what is queued; timers that wait are dropped. Idempotent; blocks. */
    @Override
    public void close() {
        group.shutdownGracefully(0, LONGEST_STOP_S, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
