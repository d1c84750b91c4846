// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;
import java.util.UUID;

/**
 * Makes a bundle durable as prepared under a branch of a distributed transaction: its sends are kept out of their
 * partitions and its records pinned, until the branch is ended by {@link EndBranch}. From then on it belongs to the
 * broker, not to the connection. Answered by a {@link PlainResponse}; the bundle id sent again gets the recorded outcome.
 * {@code DUPLICATE_BRANCH} when the branch is known with another bundle.
 *
 * @param sessionId the session whose records are acknowledged, first; then the link's other sessions
 * @param bundleId chosen by the client, unique for each prepare
 * @param branch the branch
 * @param sends as those of a {@link Commit}
 * @param acks as those of a {@link Commit}; a stale lease refuses the whole bundle
 * @param pieces as those of a {@link Commit}
 */
public record Prepare(
        long sessionId,
        UUID bundleId,
        BranchId branch,
        List<Commit.Send> sends,
        List<Acknowledgement> acks,
        Spill.Pieces pieces)
        implements MillraceRequest {

    /** One whose sends are all in the request. */
    public Prepare(
            long sessionId, UUID bundleId, BranchId branch, List<Commit.Send> sends, List<Acknowledgement> acks) {
        this(sessionId, bundleId, branch, sends, acks, Spill.Pieces.NONE);
    }

    @Override
    public MillraceApi api() {
        return MillraceApi.PREPARE;
    }

    @Override
    public void release() {
        sends.forEach(send -> send.batch().release());
    }
}
