// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.BundleIds;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BundleOutcomesTest {
    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 1), "orders", 0);
    private static final int CAPACITY = 3;

    private final BundleIndex index = new BundleIndex();
    private final BundleOutcomes outcomes = new BundleOutcomes(PARTITION, CAPACITY, index);
    private final BundleIds session = BundleIds.ofNewSession();

    private UUID committed(UUID bundle) {
        outcomes.add(bundle, List.of(7L));
        return bundle;
    }

    private List<UUID> committedByOthers(int count) {
        List<UUID> bundles = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bundles.add(committed(UUID.randomUUID()));
        }
        return bundles;
    }

    private void assertRemembered(UUID bundle) {
        assertEquals(List.of(7L), outcomes.find(bundle));
        assertEquals(PARTITION, index.find(bundle));
    }

    private void assertForgotten(UUID bundle) {
        assertNull(outcomes.find(bundle));
        assertNull(index.find(bundle));
    }

    @Test
    void remembersTheNewest() {
        List<UUID> bundles = committedByOthers(CAPACITY + 1);

        assertForgotten(bundles.get(0));
        bundles.subList(1, bundles.size()).forEach(this::assertRemembered);
    }

    @Test
    void remembersTheLastOneOfASessionHoweverManyOthersAreCommitted() {
        UUID last = committed(session.next());

        committedByOthers(10 * CAPACITY);

        assertRemembered(last);
    }

    @Test
    void aSessionsNextBundleTakesThePlaceOfItsLastOne() {
        UUID former = committed(session.next());
        committedByOthers(CAPACITY);

        UUID last = committed(session.next());

        assertForgotten(former);
        assertRemembered(last);
    }

    @Test
    void anEarlierBundleThatComesLateDoesNotTakeThePlaceOfTheLastOne() {
        UUID early = session.next();
        UUID last = committed(session.next());

        committed(early);
        committedByOthers(CAPACITY);

        assertForgotten(early);
        assertRemembered(last);
    }

    @Test
    void remembersTheLastOnesOfABoundedNumberOfSessions() {
        UUID first = committed(session.next());
        List<UUID> later = new ArrayList<>();
        for (int i = 0; i < CAPACITY; i++) {
            later.add(committed(BundleIds.ofNewSession().next()));
        }

        committedByOthers(CAPACITY);

        assertForgotten(first);
        later.forEach(this::assertRemembered);
        assertEquals(2 * CAPACITY, outcomes.all().size());
    }

    @Test
    void aSnapshotLeadsToTheSame() {
        UUID last = committed(session.next());
        committedByOthers(2 * CAPACITY);
        BundleOutcomes restored = new BundleOutcomes(PARTITION, CAPACITY, new BundleIndex());

        outcomes.all().forEach(restored::add);
        UUID next = UUID.randomUUID();
        restored.add(next, List.of(8L));
        outcomes.add(next, List.of(8L));

        assertEquals(outcomes.all(), restored.all());
        assertNotNull(restored.find(last));
    }
}
