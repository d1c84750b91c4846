// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link OwnerLoop} on a loop of the network: a request for a partition of the same loop changes no thread on its
 * way in, nor its answer on its way out.
 */
final class EventLoopOwner implements OwnerLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoopOwner.class);

    private final EventLoop loop;

    EventLoopOwner(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        try {
            loop.execute(() -> run(task));
        } catch (RejectedExecutionException stopped) {
            LOG.debug("A task came after the owner loop had stopped");
        }
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        try {
            Future<?> waiting = loop.schedule(() -> run(task), Math.max(0, delayMs), TimeUnit.MILLISECONDS);
            return () -> waiting.cancel(false);
        } catch (RejectedExecutionException stopped) {
            LOG.debug("A timer came after the owner loop had stopped");
            return () -> {};
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error defect) {
            // Also an Error: the loop's other partitions must not stop for it without a word.
            LOG.error("A task on an owner loop failed; this is a defect", defect);
        }
    }
}
