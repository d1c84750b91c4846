// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class BundleIdsTest {
    @Test
    void bundlesOfASessionAreKnownAsItsAndInOrder() {
        BundleIds ids = BundleIds.ofNewSession();

        UUID first = ids.next();
        UUID second = ids.next();

        assertTrue(BundleIds.saysSession(first));
        assertEquals(BundleIds.session(first), BundleIds.session(second));
        assertEquals(1, BundleIds.number(first));
        assertEquals(2, BundleIds.number(second));
    }

    @Test
    void sessionsAreToldApart() {
        assertNotEquals(
                BundleIds.session(BundleIds.ofNewSession().next()),
                BundleIds.session(BundleIds.ofNewSession().next()));
    }

    @Test
    void randomIdsNameNoSession() {
        assertFalse(BundleIds.saysSession(UUID.randomUUID()));
    }
}
