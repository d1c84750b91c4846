// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import org.junit.jupiter.api.Test;

class SnapshotPolicyTest {
    private static final int DATA_BYTES = 1_000;

    private final SnapshotPolicy policy =
            new SnapshotPolicy(new PartitionSettings(100, DATA_BYTES, BrokerConfig.defaults()));

    @Test
    void recoveryNeverHasToReadMoreThanTheLimitWhereSnapshotsAreSmall() {
        for (int i = 0; i < 3; i++) {
            policy.onData(DATA_BYTES);
            assertFalse(policy.isDue());
            policy.onData(1);
            assertTrue(policy.isDue());
            policy.onSnapshot(10);
        }
    }

    @Test
    void largeSnapshotIsMadeAgainOnlyAfterMuchMoreData() {
        policy.onSnapshot(DATA_BYTES);
        policy.onData(16 * DATA_BYTES);
        assertFalse(policy.isDue());
        policy.onData(1);
        assertTrue(policy.isDue());
    }

    @Test
    void snapshotThatRecoveryFoundCountsAsOneThatWasMade() {
        policy.onSnapshotFound(DATA_BYTES);
        policy.onData(16 * DATA_BYTES);
        assertFalse(policy.isDue());
    }
}
