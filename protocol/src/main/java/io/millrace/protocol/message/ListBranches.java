// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/**
 * Asks for the branches that are prepared or ended heuristically on this broker: all of them, or the request fails with
 * {@code UNAVAILABLE}. Needs no {@link Connect}.
 *
 * @param ofCluster whether it is one of the requests to all brokers that together want every branch of the cluster: it
 *     fails also while a broker that owns a partition is away, for that one may have more
 * @param withBundles with the parts of local transactions over several brokers (docs/decisions/0020), which no transaction
 *     manager ends
 */
public record ListBranches(boolean ofCluster, boolean withBundles) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.LIST_BRANCHES;
    }

    /** What a branch is at. */
    public enum State {
        /** Waits for the transaction manager's decision. */
        PREPARED,
        /** An operator committed it, the transaction manager has not forgotten it. */
        HEURISTICALLY_COMMITTED,
        /** An operator rolled it back, the transaction manager has not forgotten it. */
        HEURISTICALLY_ROLLED_BACK
    }

    /** @param branches by the time of their prepare */
    public record Response(Status status, List<Branch> branches) implements MillraceResponse {}

    /**
     * One branch.
     *
     * @param id which
     * @param state what it is at
     * @param preparedAtMs when it was prepared, milliseconds since the epoch
     * @param parts what it does, by partition
     */
    public record Branch(BranchId id, State state, long preparedAtMs, List<Part> parts) {}

    /**
     * What a branch does on one partition.
     *
     * @param destination the queue or topic
     * @param partition the partition index
     * @param sends messages to be sent
     * @param sendBytes what they take, bytes
     * @param acknowledged messages to be finished with
     */
    public record Part(String destination, int partition, int sends, long sendBytes, long acknowledged) {}
}
