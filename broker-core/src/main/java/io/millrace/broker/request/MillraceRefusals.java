// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.AskDecision;
import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.Browse;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.CreateTemporary;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.Status;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

/** Answers that refuse a request of Millrace's own before it reaches its handler. */
public final class MillraceRefusals {
    private static final UUID NO_INCARNATION = new UUID(0, 0);

    private MillraceRefusals() {}

    /** The answer of the request's own type with this status. */
    public static MillraceResponse of(MillraceRequest request, Status status) {
        return switch (request.api()) {
            case CONNECT -> new Connect.Response(status, -1, NO_INCARNATION, 0, 0, Set.of());
            case OPEN_DESTINATION -> new OpenDestination.Response(status, List.of());
            case PULL -> new Pull.Response(status, ((Pull) request).sessionEpoch(), List.of());
            case ACKNOWLEDGE ->
                new Acknowledge.Response(
                        status,
                        IntStream.range(0, ((Acknowledge) request).acks().size())
                                .boxed()
                                .toList());
            case COMMIT -> new Commit.Response(status, List.of());
            case END_BRANCH -> new EndBranch.Response(status, EndBranch.Outcome.DONE);
            case LIST_BRANCHES -> new ListBranches.Response(status, List.of());
            case BEGIN_BUNDLE -> new BeginBundle.Response(status, NO_INCARNATION);
            case ASK_DECISION -> new AskDecision.Response(status, AskDecision.Decision.OPEN);
            case BROWSE -> new Browse.Response(status, 0, 0, List.of());
            case CREATE_TEMPORARY -> new CreateTemporary.Response(status, "");
            case LIST_GROUPS -> new ListGroups.Response(status, List.of());
            case MANAGE_GROUP -> new ManageGroup.Response(status, 0);
            case SUBSCRIBE,
                    PREPARE,
                    SPILL,
                    END_BUNDLE,
                    ASK_DELETION,
                    DRAIN,
                    RECOVER_SESSION,
                    CLOSE_CONSUMER,
                    CLOSE_SESSION,
                    HEARTBEAT,
                    DELETE_TEMPORARY,
                    UNSUBSCRIBE,
                    DISCONNECT -> new PlainResponse(status);
        };
    }
}
