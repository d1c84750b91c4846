// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import java.util.Iterator;
import java.util.List;

/** Which partitions a fetch reads and which of them its answer names. Owned by the connection's network loop. */
sealed interface FetchScope permits FetchScope.Full, FetchSession {

    /** Those to look at now, in order. */
    Iterator<FetchTarget> candidates();

    /** Whether the answer names only what has changed; what is over the limits then waits for the next fetch. */
    boolean incremental();

    /** Has {@code wake} run, on any thread, once one of the partitions that were looked at has more. */
    void park(FetchRound round, Runnable wake);

    /** {@code wake} is not needed any more. */
    void unpark();

    /** The round was answered. */
    void onAnswered(FetchRound round);

    /** What one request names, all of it. */
    record Full(List<FetchTarget> targets) implements FetchScope {
        @Override
        public Iterator<FetchTarget> candidates() {
            return targets.iterator();
        }

        @Override
        public boolean incremental() {
            return false;
        }

        @Override
        public void park(FetchRound round, Runnable wake) {
            round.looks().forEach(look -> look.target().await(look.data(), round.isCommitted(), wake));
        }

        @Override
        public void unpark() {
            targets.forEach(FetchTarget::stopWaiting);
        }

        @Override
        public void onAnswered(FetchRound round) {
            round.looks().forEach(look -> look.target().onAnswered(look.data()));
        }
    }
}
