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
    boolean inSession(long otherLink, long otherSession) {
        return link == otherLink && session == otherSession;
    }
}
