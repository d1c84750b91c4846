// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.UUID;

/**
 * Ends a prepared branch, or forgets one that an operator ended. Needs no {@link Connect}. Answered once it is durable;
 * the request id sent again gets the recorded outcome. {@code UNKNOWN_BRANCH} when the broker surely has no such branch.
 *
 * @param requestId chosen by the client, unique for each decision
 * @param branch the branch
 * @param action what becomes of it
 * @param heuristic whether an operator decides, not the transaction manager: the outcome is remembered and told to the
 *     transaction manager until it forgets it
 */
public record EndBranch(UUID requestId, BranchId branch, Action action, boolean heuristic) implements MillraceRequest {

    /** What becomes of a branch. */
    public enum Action {
        COMMIT,
        ROLLBACK,
        /** Of one that was ended heuristically: its outcome is not remembered any longer. */
        FORGET
    }

    /** What became of it. */
    public enum Outcome {
        /** What was asked for. */
        DONE,
        /** Nothing now: an operator had committed it. */
        HEURISTICALLY_COMMITTED,
        /** Nothing now: an operator had rolled it back. */
        HEURISTICALLY_ROLLED_BACK
    }

    @Override
    public MillraceApi api() {
        return MillraceApi.END_BRANCH;
    }

    /** @param outcome meaningful when the status is OK */
    public record Response(Status status, Outcome outcome) implements MillraceResponse {}
}
