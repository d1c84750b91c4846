// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.message.Redelivery;

/**
 * Who holds acquired records. Two are equal when link, session and consumer are: who names a consumer later need not know
 * what it asked for.
 *
 * @param link the connection, unique for the life of the broker
 * @param session the JMS session, unique on the link
 * @param consumer the JMS consumer, unique on the link
 * @param redelivery what the consumer asked for; known to the holder that acquires
 */
record Holder(long link, long session, long consumer, Redelivery redelivery) {
    /** Stands for the branches of distributed transactions, which no link holds. */
    private static final long BRANCHES = Long.MIN_VALUE;

    Holder(long link, long session, long consumer) {
        this(link, session, consumer, Redelivery.OF_DESTINATION);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Holder holder
                && holder.link == link
                && holder.session == session
                && holder.consumer == consumer;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(31 * (31 * link + session) + consumer);
    }

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
