// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.Status;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UnappliedTest {
    private final Unapplied unapplied = new Unapplied();

    private static BrokerLink away(int brokerId) {
        return link(brokerId, CompletableFuture.failedFuture(ProviderException.linkLost("away", null)));
    }

    private static BrokerLink link(int brokerId, CompletableFuture<?> answer) {
        return (BrokerLink) Proxy.newProxyInstance(
                BrokerLink.class.getClassLoader(),
                new Class<?>[] {BrokerLink.class},
                (link, method, arguments) -> switch (method.getName()) {
                    case "brokerId" -> brokerId;
                    case "request" -> answer;
                    case "hashCode" -> brokerId;
                    case "equals" -> link == arguments[0];
                    default -> throw new AssertionError(method + " is not expected");
                });
    }

    private static Part part(BrokerLink at) {
        return new Part(at, BranchId.ofBundle(new BranchId.Bundle(UUID.randomUUID(), new UUID(0, 7), 0), 0));
    }

    private static Bundle bundle(BrokerLink at) {
        Bundle bundle = new Bundle(false);
        bundle.add(null, at, "orders", new Acknowledgement(1, 0, 5, 5, 9, AckType.ACCEPT));
        return bundle;
    }

    @Test
    void partsOfABrokerThatIsAwayAreNotForgottenWhenALaterBundleOfOthersIsCommitted() throws Exception {
        BrokerLink lost = away(2);
        unapplied.add(List.of(part(lost)));
        unapplied.before(bundle(away(3)));
        unapplied.add(List.of());

        assertThrows(Committing.Refused.class, () -> unapplied.before(bundle(lost)));
    }

    @Test
    void aPartThatAnOperatorHasRolledBackIsToldOnceAndLeavesTheSessionUsable() throws Exception {
        EndBranch.Response against = new EndBranch.Response(Status.OK, EndBranch.Outcome.HEURISTICALLY_ROLLED_BACK);
        unapplied.add(List.of(part(link(2, CompletableFuture.completedFuture(against)))));

        assertThrows(Committing.Refused.class, () -> unapplied.before(bundle(away(3))));

        unapplied.before(bundle(away(3)));
    }
}
