// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.net.TestBatches;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many idempotent producers a partition remembers, and how long. */
class ProducerBoundsTest {
    private final PolicyBroker broker = new PolicyBroker(
            BrokerConfig.defaults()
                    .with(BrokerConfigKeys.PRODUCER_IDS_MAX, 2)
                    .with(BrokerConfigKeys.PRODUCER_ID_EXPIRATION_MS, 1_000L),
            Map.of());

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void ofMoreProducersTheOneSilentForLongestIsForgotten() {
        send(1, 0);
        send(2, 0);
        send(1, 1);
        send(3, 0);

        assertTrue(send(1, 1), "heard of after producer 2");
        assertFalse(send(2, 0), "forgotten");
    }

    @Test
    void aSilentProducerIsForgottenInTime() {
        send(1, 0);
        broker.clock.advanceMs(1_000);
        assertTrue(send(1, 0));

        broker.clock.advanceMs(1);
        assertFalse(send(1, 0));
    }

    /** Whether it was found to be a duplicate. */
    private boolean send(long producer, int sequence) {
        return broker.append(TestBatches.idempotent(producer, 0, sequence, "a")).duplicate();
    }
}
