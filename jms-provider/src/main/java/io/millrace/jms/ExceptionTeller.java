// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a connection's ExceptionListener, one call at a time (Jakarta Messaging 3.1, section 6.1.7), on a thread of its
 * own that lasts only as long as there is something to tell: the listener may block, close the connection, connect anew.
 * Safe for any thread; never waits.
 */
final class ExceptionTeller {
    private static final Logger log = LoggerFactory.getLogger(ExceptionTeller.class);

    private final ThreadPoolExecutor executor;
    private volatile @Nullable ExceptionListener listener;

    ExceptionTeller() {
        executor = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread made = new Thread(task, "millrace-exception");
            made.setDaemon(true);
            return made;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    @Nullable
    ExceptionListener listener() {
        return listener;
    }

    void listen(@Nullable ExceptionListener newListener) {
        listener = newListener;
    }

    void tell(JMSException cause) {
        if (listener != null) {
            executor.execute(() -> call(cause));
        }
    }

    private void call(JMSException cause) {
        ExceptionListener told = listener;
        try {
            if (told != null) {
                told.onException(cause);
            }
        } catch (RuntimeException | Error e) {
            log.warn("An exception listener threw", e);
        }
    }
}
