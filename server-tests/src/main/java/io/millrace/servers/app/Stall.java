// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * Participants around the others of a transaction that hold its two-phase commit at one step for ever, so that a test can
 * kill the server there. There are two, as servers go through their participants from either end. That the step is reached a
 * file says in the directory that the system property {@code millrace.test.stalls} names.
 */
public final class Stall implements XAResource {
    private static final String DIRECTORY = "millrace.test.stalls";
    private static final int PARTICIPANTS = 2;

    private final String text;
    private final Step step;
    private final AtomicInteger prepared;

    /** Where the transaction hangs. */
    enum Step {
        /** Undecided: all others are prepared, which were enlisted between the two. */
        LAST_PREPARE,
        /** Decided, and none of the others that were enlisted between the two knows. */
        FIRST_COMMIT
    }

    /** What is done between. */
    interface Work {
        void run() throws JMSException;
    }

    private Stall(String text, Step step, AtomicInteger prepared) {
        this.text = text;
        this.step = step;
        this.prepared = prepared;
    }

    /** Lets the current transaction hang when it ends. */
    static void around(String text, Step step, Work work) throws JMSException {
        AtomicInteger prepared = new AtomicInteger();
        Transactions.enlist(new Stall(text, step, prepared));
        work.run();
        Transactions.enlist(new Stall(text, step, prepared));
    }

    static boolean isReached(String text) {
        return Files.exists(file(text));
    }

    /** Where it is noted that the transaction of {@code text} hangs. */
    private static Path file(String text) {
        String directory = System.getProperty(DIRECTORY);
        if (directory == null) {
            throw new IllegalStateException("the system property " + DIRECTORY + " is missing; the test sets it");
        }
        return Path.of(directory, HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void hold() throws XAException {
        try {
            Files.createFile(file(text));
            new CountDownLatch(1).await();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new XAException(XAException.XAER_RMFAIL);
        }
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        if (prepared.incrementAndGet() == PARTICIPANTS && step == Step.LAST_PREPARE) {
            hold();
        }
        return XA_OK;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        if (onePhase) {
            throw new IllegalStateException("the other participant of " + text + " was not enlisted");
        }
        hold();
    }

    @Override
    public void start(Xid xid, int flags) {}

    @Override
    public void end(Xid xid, int flags) {}

    @Override
    public void rollback(Xid xid) {}

    @Override
    public void forget(Xid xid) {}

    @Override
    public Xid[] recover(int flags) {
        return new Xid[0];
    }

    @Override
    public boolean isSameRM(@Nullable XAResource other) {
        return other == this;
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
