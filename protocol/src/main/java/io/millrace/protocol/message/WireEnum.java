// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/** The ids of an enum's values on the wire: their position here, whatever the order of their declaration. */
final class WireEnum<E extends Enum<E>> {
    static final WireEnum<AckType> ACK_TYPE =
            new WireEnum<>(List.of(AckType.ACCEPT, AckType.RELEASE, AckType.REJECT, AckType.RECEIPT, AckType.EXPIRED));
    static final WireEnum<DestinationKind> DESTINATION_KIND =
            new WireEnum<>(List.of(DestinationKind.QUEUE, DestinationKind.TOPIC));
    static final WireEnum<SubscriptionKind> SUBSCRIPTION_KIND = new WireEnum<>(List.of(
            SubscriptionKind.QUEUE,
            SubscriptionKind.NON_DURABLE,
            SubscriptionKind.SHARED_NON_DURABLE,
            SubscriptionKind.DURABLE,
            SubscriptionKind.SHARED_DURABLE));
    static final WireEnum<ManageGroup.Action> GROUP_ACTION = new WireEnum<>(List.of(
            ManageGroup.Action.PAUSE,
            ManageGroup.Action.RESUME,
            ManageGroup.Action.PURGE,
            ManageGroup.Action.MOVE,
            ManageGroup.Action.RETRY,
            ManageGroup.Action.RESET,
            ManageGroup.Action.DELETE));
    static final WireEnum<EndBranch.Action> BRANCH_ACTION =
            new WireEnum<>(List.of(EndBranch.Action.COMMIT, EndBranch.Action.ROLLBACK, EndBranch.Action.FORGET));
    static final WireEnum<EndBranch.Outcome> BRANCH_OUTCOME = new WireEnum<>(List.of(
            EndBranch.Outcome.DONE,
            EndBranch.Outcome.HEURISTICALLY_COMMITTED,
            EndBranch.Outcome.HEURISTICALLY_ROLLED_BACK));
    static final WireEnum<ListBranches.State> BRANCH_STATE = new WireEnum<>(List.of(
            ListBranches.State.PREPARED,
            ListBranches.State.HEURISTICALLY_COMMITTED,
            ListBranches.State.HEURISTICALLY_ROLLED_BACK));
    static final WireEnum<AskDecision.Decision> DECISION = new WireEnum<>(
            List.of(AskDecision.Decision.OPEN, AskDecision.Decision.COMMITTED, AskDecision.Decision.ABORTED));
    static final WireEnum<Feature> FEATURE = new WireEnum<>(List.of(
            Feature.LOCAL_TRANSACTIONS,
            Feature.SELECTORS,
            Feature.DURABLE_SUBSCRIPTIONS,
            Feature.DELIVERY_DELAY,
            Feature.XA,
            Feature.TEMPORARY_DESTINATIONS,
            Feature.BROWSERS,
            Feature.COORDINATED_TRANSACTIONS,
            Feature.LARGE_TRANSACTIONS));

    private final List<E> byId;

    private WireEnum(List<E> byId) {
        this.byId = byId;
    }

    boolean hasId(int id) {
        return id >= 0 && id < byId.size();
    }

    E forId(int id) {
        return byId.get(id);
    }

    int id(E value) {
        return byId.indexOf(value);
    }
}
