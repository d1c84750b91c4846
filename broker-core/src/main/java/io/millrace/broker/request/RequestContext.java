// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.auth.ClientSession;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may know of the request's connection.
 *
 * @param connection the connection the request came on
 * @param apiVersion the request's version
 * @param clientId from the request header, or {@code null}
 */
public record RequestContext(
        Connection connection, short apiVersion, @Nullable String clientId) {

    /** A client's connection, as handlers see it. Safe for any thread. */
    public interface Connection {
        /** Unique for the life of this broker. */
        long id();

        /** The peer's address, for logs and group descriptions. */
        String remoteHost();

        /**
         * Runs {@code listener} once when the connection has ended, at once when it already has. The thread is not
         * specified: listeners only enqueue.
         */
        void onClose(Runnable listener);

        /** Enqueues {@code task} to the connection's network loop; in order, also when the connection has ended. */
        void execute(Runnable task);

        /** Who is at the other end; owned by the connection's network thread. */
        ClientSession session();

        /** Takes no further request from it for so long; what was taken is answered. */
        void pause(long milliseconds);

        /** Ends the connection; what is in progress on it is not answered. */
        void close(String reason);
    }
}
