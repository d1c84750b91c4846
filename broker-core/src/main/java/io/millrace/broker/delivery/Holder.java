// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/**
 * Who holds acquired records.
 *
 * @param link the connection, unique for the life of the broker
 * @param session the JMS session, unique on the link
 * @param consumer the JMS consumer, unique on the link
 */
record Holder(long link, long session, long consumer) {
    /** Stands for the branches of distributed transactions, which no link holds. */
    private static final long BRANCHES = Long.MIN_VALUE;

    /** Holds what a prepared branch has pinned. */
    static Holder ofBranch(long number, boolean rejects) {
        return new Holder(BRANCHES, number, rejects ? 1 : 0);
    }

    boolean isBranch() {
        return link == BRANCHES;
    }

    boolean inSession(long otherLink, long otherSession) {
        return link == otherLink && session == otherSession;
    }
}
