// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * A request of Millrace's own. It travels in a Kafka frame with request header v2 under a private API key; the
 * connection that sent {@link Connect} gets its answers out of order, matched by correlation id.
 *
 * <p>A request that carries buffers ({@link Commit}, {@link Prepare}, {@link Spill}) owns them; {@link #release()} gives them back.
 */
public sealed interface MillraceRequest
        permits Connect,
                OpenDestination,
                Subscribe,
                Pull,
                Drain,
                Acknowledge,
                RecoverSession,
                CloseConsumer,
                CloseSession,
                Commit,
                Prepare,
                Spill,
                EndBranch,
                ListBranches,
                BeginBundle,
                AskDecision,
                EndBundle,
                AskDeletion,
                Heartbeat,
                Browse,
                CreateTemporary,
                DeleteTemporary,
                Unsubscribe,
                Disconnect,
                ListGroups,
                ManageGroup {

    MillraceApi api();

    /** Releases the buffers of this request; does nothing where it has none. */
    default void release() {}
}
