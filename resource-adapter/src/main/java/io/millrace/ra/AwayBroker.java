// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import javax.transaction.xa.Xid;

/** What becomes of a prepared branch while its broker is away. Safe for any thread. */
public interface AwayBroker {
    /** {@link #commitWaitMs} unless it is configured. */
    int DEFAULT_COMMIT_WAIT_MS = 30_000;

    /**
     * How long a commit, and with it a thread of the server, waits for the broker before it answers XA_RETRY, milliseconds; 0
     * for not at all.
     */
    int commitWaitMs();

    /**
     * Rolls the branch back once its broker is reached again, in the background. The transaction manager has decided so; not
     * all of them ask again.
     */
    void rollBackLater(BrokerSettings broker, Xid xid);

    /** Outside of a server: a rollback is the transaction manager's to ask for again. */
    static AwayBroker outsideOfAServer() {
        return new AwayBroker() {
            @Override
            public int commitWaitMs() {
                return DEFAULT_COMMIT_WAIT_MS;
            }

            @Override
            public void rollBackLater(BrokerSettings broker, Xid xid) {}
        };
    }
}
