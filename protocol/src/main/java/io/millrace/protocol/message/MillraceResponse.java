// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/** The answer to a {@link MillraceRequest}. Buffers in it belong to it until {@link #release()}. */
public sealed interface MillraceResponse
        permits Connect.Response,
                OpenDestination.Response,
                Pull.Response,
                Acknowledge.Response,
                Commit.Response,
                EndBranch.Response,
                ListBranches.Response,
                BeginBundle.Response,
                AskDecision.Response,
                Browse.Response,
                CreateTemporary.Response,
                ListGroups.Response,
                ManageGroup.Response,
                PlainResponse {

    Status status();

    /** Releases the buffers of this answer; does nothing where it has none. */
    default void release() {}
}
