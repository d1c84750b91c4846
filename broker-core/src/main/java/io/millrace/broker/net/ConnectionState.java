// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

/**
 * The life of a connection.
 *
 * <pre>
 *   Ordered --Connect--> Multiplexed
 *      |                     |
 *      +------> Draining <---+        the broker stops; what is in progress is answered
 *                  |
 *   any ------> Closed                peer gone, bad input, idle, drained
 * </pre>
 */
sealed interface ConnectionState {

    boolean leadsTo(ConnectionState next);

    /** A Kafka client: answers leave in the order of the requests. */
    record Ordered() implements ConnectionState {
        @Override
        public boolean leadsTo(ConnectionState next) {
            return !(next instanceof Ordered);
        }
    }

    /** A Millrace client: answers leave as they come. */
    record Multiplexed() implements ConnectionState {
        @Override
        public boolean leadsTo(ConnectionState next) {
            return next instanceof Draining || next instanceof Closed;
        }
    }

    /** @param ordered whether answers still leave in order */
    record Draining(boolean ordered) implements ConnectionState {
        @Override
        public boolean leadsTo(ConnectionState next) {
            return next instanceof Closed;
        }
    }

    record Closed(String reason) implements ConnectionState {
        @Override
        public boolean leadsTo(ConnectionState next) {
            return false;
        }
    }
}
