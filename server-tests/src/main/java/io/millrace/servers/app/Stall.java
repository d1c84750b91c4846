// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * A second participant that holds a two-phase commit at one step for ever, so that a test can kill the server there. It
 * says that the step is reached by a file in the directory that the system property {@code millrace.test.stalls} names.
 */
public final class Stall implements XAResource {
    private static final String DIRECTORY = "millrace.test.stalls";

    private final String text;
    private final boolean inPrepare;

    private Stall(String text, boolean inPrepare) {
        this.text = text;
        this.inPrepare = inPrepare;
    }

    /** The current transaction hangs once it is decided, before the participants that are enlisted after this are told. */
    static void inCommit(String text) {
        Transactions.enlist(new Stall(text, false));
    }

    /** The current transaction hangs undecided, with all participants prepared that were enlisted before this. */
    static void inPrepare(String text) {
        Transactions.enlist(new Stall(text, true));
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
        if (inPrepare) {
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
