// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import org.jspecify.annotations.Nullable;

/** Takes every record as it is: for reading records by their offsets. */
final class RawRules implements DeliveryRules {
    static final RawRules INSTANCE = new RawRules();

    private RawRules() {}

    @Override
    public boolean dropsUnmatched() {
        return false;
    }

    @Override
    public boolean keepsMessageGroups() {
        return false;
    }

    @Override
    public boolean heedsMessageFields() {
        return false;
    }

    @Override
    public boolean countsAtAcquisition() {
        return false;
    }

    @Override
    public Fate onReturn(Acquired acquired, long nowMs) {
        return Fate.AGAIN;
    }

    @Override
    public @Nullable Death death(Death.Reason reason, Acquired acquired) {
        return null;
    }

    @Override
    public boolean movesExpired() {
        return false;
    }
}
