// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.message.Redelivery;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The rules of queues and topic subscriptions. */
final class JmsRules implements DeliveryRules {
    private final SubscriptionKind kind;
    private final Supplier<RedeliveryPolicy> policy;

    /** @param policy what the destination goes by at present */
    JmsRules(SubscriptionKind kind, Supplier<RedeliveryPolicy> policy) {
        this.kind = kind;
        this.policy = policy;
    }

    @Override
    public boolean dropsUnmatched() {
        return kind != SubscriptionKind.QUEUE;
    }

    /** An unshared subscription has one consumer: there is nothing to keep together. */
    @Override
    public boolean keepsMessageGroups() {
        return kind != SubscriptionKind.NON_DURABLE && kind != SubscriptionKind.DURABLE;
    }

    @Override
    public boolean heedsMessageFields() {
        return true;
    }

    @Override
    public boolean countsAtAcquisition() {
        return false;
    }

    /** The limit and the back-off act on what the application had; a buffered record goes back as it was. */
    @Override
    public Fate onReturn(Acquired acquired, long nowMs) {
        if (!acquired.received()) {
            return Fate.AGAIN;
        }
        RedeliveryPolicy now = policy.get().with(acquired.holder().redelivery());
        if (now.isExhausted(acquired.deliveryCount())) {
            return new Fate.Dead(Death.Reason.DELIVERY_LIMIT);
        }
        long delayMs = now.delayMs(acquired.deliveryCount());
        return delayMs == 0 ? Fate.AGAIN : new Fate.Later(DelayIndex.redeliverMs(nowMs + delayMs, nowMs));
    }

    @Override
    public boolean movesExpired() {
        return moves(Death.Reason.EXPIRED, policy.get());
    }

    @Override
    public @Nullable Death death(Death.Reason reason, Acquired acquired) {
        Redelivery asked = acquired.holder().redelivery();
        return moves(reason, policy.get().with(asked))
                ? new Death(
                        reason,
                        acquired.deliveryCount(),
                        reason == Death.Reason.EXPIRED ? null : asked.deadLetterQueue())
                : null;
    }

    private static boolean moves(Death.Reason reason, RedeliveryPolicy now) {
        return reason == Death.Reason.EXPIRED
                ? !now.expiryQueue().isEmpty()
                : !now.deadLetterQueue().isEmpty();
    }
}
