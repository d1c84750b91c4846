// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.quota;

import static io.millrace.broker.quota.QuotaKind.CONSUMER_BYTE_RATE;
import static io.millrace.broker.quota.QuotaKind.PRODUCER_BYTE_RATE;
import static io.millrace.broker.quota.QuotaKind.REQUEST_PERCENTAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.ClusterDocument;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.quota.QuotaEntity.Part;
import io.millrace.broker.time.ManualClock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuotasTest {
    private static final Part EVERYBODY = new Part(null);

    private final ManualClock clock = new ManualClock();
    private final Quotas quotas = new Quotas(clock);
    private final Map<String, ClusterDocument> documents = new HashMap<>();

    private void set(QuotaEntity entity, QuotaKind kind, double value) {
        String name = entity.documentName();
        documents.put(name, new ClusterDocument(Quotas.DOCUMENTS, name, Map.of(kind.key(), Double.toString(value))));
        publish();
    }

    private void publish() {
        quotas.onChange(ClusterView.of(List.of(), -1, List.of(), Map.of(Quotas.DOCUMENTS, Map.copyOf(documents))));
    }

    private static QuotaEntity client(String id) {
        return new QuotaEntity(null, new Part(id));
    }

    @Test
    void withoutQuotasNobodyWaits() {
        assertFalse(quotas.isActive());
        assertEquals(0, quotas.record(PRODUCER_BYTE_RATE, "u", "c", 1e12));
        assertEquals(Integer.MAX_VALUE, quotas.maxFetchBytes("u", "c"));
        assertEquals(0, quotas.bucketCount());
    }

    @Test
    void aSecondsWorthIsFreeAndWhatIsAboveIsWaitedFor() {
        set(client("c"), PRODUCER_BYTE_RATE, 1_000);

        assertEquals(0, quotas.record(PRODUCER_BYTE_RATE, "u", "c", 1_000));
        assertEquals(500, quotas.record(PRODUCER_BYTE_RATE, "u", "c", 500));
        clock.advanceMs(500);
        assertEquals(250, quotas.record(PRODUCER_BYTE_RATE, "u", "c", 250));
        assertEquals(0, quotas.record(PRODUCER_BYTE_RATE, "u", "other", 1_000_000));
        assertEquals(0, quotas.record(CONSUMER_BYTE_RATE, "u", "c", 1_000_000));
    }

    @Test
    void aClientThatWaitsAsToldKeepsTheRate() {
        set(client("c"), PRODUCER_BYTE_RATE, 1_000);
        long sent = 0;
        long elapsedMs = 0;
        while (elapsedMs < 60_000) {
            long waitMs = quotas.record(PRODUCER_BYTE_RATE, "u", "c", 700) + 1;
            sent += 700;
            elapsedMs += waitMs;
            clock.advanceMs(waitMs);
        }

        assertEquals(1_000, sent * 1_000.0 / elapsedMs, 30);
    }

    @Test
    void noWaitIsLongerThanTenSeconds() {
        set(client("c"), PRODUCER_BYTE_RATE, 1);

        assertEquals(10_000, quotas.record(PRODUCER_BYTE_RATE, "u", "c", 1e9));
    }

    @Test
    void aPercentageIsOfOneLoopsTime() {
        set(client("c"), REQUEST_PERCENTAGE, 10);

        assertEquals(0, quotas.record(REQUEST_PERCENTAGE, "u", "c", 100e6));
        assertEquals(1_000, quotas.record(REQUEST_PERCENTAGE, "u", "c", 100e6));
    }

    @Test
    void theMostSpecialQuotaCounts() {
        List<QuotaEntity> fromGeneralToSpecial = List.of(
                new QuotaEntity(null, EVERYBODY),
                client("c"),
                new QuotaEntity(EVERYBODY, null),
                new QuotaEntity(EVERYBODY, EVERYBODY),
                new QuotaEntity(EVERYBODY, new Part("c")),
                new QuotaEntity(new Part("u"), null),
                new QuotaEntity(new Part("u"), EVERYBODY),
                new QuotaEntity(new Part("u"), new Part("c")));
        int rate = 100;
        for (QuotaEntity entity : fromGeneralToSpecial) {
            rate += 100;
            set(entity, CONSUMER_BYTE_RATE, rate);
            assertEquals(rate, quotas.maxFetchBytes("u", "c"), entity.documentName());
        }
    }

    @Test
    void clientsOfOneUserShareTheUsersQuotaAndEachHasItsOwnOfTheDefault() {
        set(new QuotaEntity(new Part("u"), null), PRODUCER_BYTE_RATE, 1_000);
        set(new QuotaEntity(null, EVERYBODY), PRODUCER_BYTE_RATE, 1_000);

        quotas.record(PRODUCER_BYTE_RATE, "u", "a", 1_000);
        quotas.record(PRODUCER_BYTE_RATE, "v", "a", 1_000);

        assertEquals(1_000, quotas.record(PRODUCER_BYTE_RATE, "u", "b", 1_000));
        assertEquals(0, quotas.record(PRODUCER_BYTE_RATE, "v", "b", 1_000));
    }

    @Test
    void aChangedQuotaCountsAtOnceAndForgetsTheDebt() {
        set(client("c"), PRODUCER_BYTE_RATE, 1);
        quotas.record(PRODUCER_BYTE_RATE, "u", "c", 1e6);

        set(client("c"), PRODUCER_BYTE_RATE, 1_000);
        assertEquals(0, quotas.record(PRODUCER_BYTE_RATE, "u", "c", 1_000));

        documents.clear();
        publish();
        assertFalse(quotas.isActive());
    }

    @Test
    void clientsThatAreIdleAreForgotten() {
        set(new QuotaEntity(null, EVERYBODY), PRODUCER_BYTE_RATE, 1_000);
        for (int i = 0; i < 500; i++) {
            quotas.record(PRODUCER_BYTE_RATE, "u", "client-" + i, 10);
        }
        assertEquals(500, quotas.bucketCount());

        clock.advanceMs(2_000);
        quotas.record(PRODUCER_BYTE_RATE, "u", "late", 10);

        assertEquals(1, quotas.bucketCount());
    }

    @Test
    void moreClientsThanTheBoundShareABucket() {
        set(new QuotaEntity(null, EVERYBODY), PRODUCER_BYTE_RATE, 1_000);
        for (int i = 0; i < Quotas.MAX_BUCKETS + 500; i++) {
            quotas.record(PRODUCER_BYTE_RATE, "u", "client-" + i, 10);
        }

        assertEquals(Quotas.MAX_BUCKETS + 1, quotas.bucketCount());
    }

    @Test
    void clientsThatShareABucketKeepItsDebtWhateverRateOthersHave() {
        set(new QuotaEntity(null, EVERYBODY), PRODUCER_BYTE_RATE, 1_000);
        set(client("special"), PRODUCER_BYTE_RATE, 5);
        for (int i = 0; i < Quotas.MAX_BUCKETS; i++) {
            quotas.record(PRODUCER_BYTE_RATE, "u", "client-" + i, 10);
        }

        assertEquals(1_000, quotas.record(PRODUCER_BYTE_RATE, "u", "late", 2_000));
        assertEquals(0, quotas.record(PRODUCER_BYTE_RATE, "u", "special", 5));
        assertEquals(2_000, quotas.record(PRODUCER_BYTE_RATE, "u", "later", 1_000));
    }

    @Test
    void aDocumentsNameTellsItsEntity() {
        for (QuotaEntity entity : List.of(
                client("a;b=<default>/ü"),
                new QuotaEntity(EVERYBODY, new Part("x")),
                new QuotaEntity(EVERYBODY, null))) {
            assertEquals(entity, QuotaEntity.parse(entity.documentName()));
        }
        assertTrue(new QuotaEntity(new Part("a"), EVERYBODY).documentName().equals("user=a;client-id=<default>"));
    }
}
