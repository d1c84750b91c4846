// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.AwayBroker;
import io.millrace.ra.BrokerSettings;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkException;
import jakarta.resource.spi.work.WorkManager;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.transaction.xa.Xid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's services that deliveries use, its threads and a timer, and what is done with them while a broker is away. Safe for any thread. */
final class Container implements AwayBroker {
    private static final Logger LOG = LoggerFactory.getLogger(Container.class);

    private final WorkManager workManager;
    private final Timer timer;
    private final LongSupplier nanos;
    private final int commitWaitMs;
    private final OwedRollbacks owed = new OwedRollbacks(this);

    /**
     * @param nanos the clock that durations are measured by
     * @param commitWaitMs see {@link AwayBroker#commitWaitMs}
     */
    Container(BootstrapContext context, LongSupplier nanos, int commitWaitMs) throws UnavailableException {
        this.nanos = nanos;
        this.commitWaitMs = commitWaitMs;
        this.workManager = context.getWorkManager();
        this.timer = context.createTimer();
    }

    /** The time, for durations. */
    long nanos() {
        return nanos.getAsLong();
    }

    /** Runs it on a thread of the container, soon; {@code onRefused} when the container takes no work. */
    void runLater(Runnable task, Consumer<Exception> onRefused) {
        try {
            workManager.scheduleWork(work(task));
        } catch (WorkException | RuntimeException e) {
            onRefused.accept(e);
        }
    }

    /** Runs {@code event} on the timer's thread; it must not block. */
    void runAt(long delayMs, Runnable event) {
        try {
            timer.schedule(
                    new TimerTask() {
                        @Override
                        public void run() {
                            event.run();
                        }
                    },
                    delayMs);
        } catch (IllegalStateException cancelled) {
            LOG.debug("The adapter has stopped, nothing is scheduled any more: {}", cancelled.getMessage());
        }
    }

    @Override
    public int commitWaitMs() {
        return commitWaitMs;
    }

    @Override
    public void rollBackLater(BrokerSettings broker, Xid xid) {
        owed.add(broker, xid);
    }

    /** Ends the timer; work that runs is not interrupted. */
    void close() {
        timer.cancel();
    }

    private static Work work(Runnable task) {
        return new Work() {
            @Override
            public void run() {
                task.run();
            }

            /** Deliveries end by themselves; stopping an activation waits for them. */
            @Override
            public void release() {}
        };
    }
}
