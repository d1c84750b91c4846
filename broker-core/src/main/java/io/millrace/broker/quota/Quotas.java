// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.quota;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterDocument;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.quota.QuotaEntity.Part;
import io.millrace.broker.time.BrokerClock;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The quotas in force and what each client has used. Quotas are documents of the cluster; of several that fit a client
 * the most special counts, in Kafka's order. A bucket that is full again is forgotten, so that memory grows with the
 * clients of the last seconds only. Safe for any thread.
 */
public final class Quotas implements Cluster.Listener {
    /** The kind of document that holds quotas, a property for each {@link QuotaKind}. */
    public static final String DOCUMENTS = "client-quotas";

    /** With more clients than this in debt at one time, those without a bucket share one. */
    static final int MAX_BUCKETS = 50_000;

    private static final Logger LOG = LoggerFactory.getLogger(Quotas.class);
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final BrokerClock clock;
    private final Map<Key, Bucket> buckets = new ConcurrentHashMap<>();
    private final AtomicLong sweptNanos;
    private volatile Map<QuotaEntity, Map<QuotaKind, Double>> quotas = Map.of();
    private Map<String, ClusterDocument> documents = Map.of();

    /** Whose bucket: what the quota that counts distinguishes, and its rate, as a changed quota forgives. */
    private record Key(
            QuotaKind kind,
            double perSecond,
            @Nullable String user,
            @Nullable String clientId) {
        /** The one for all clients of such a quota that find no room. */
        Key shared() {
            return new Key(kind, perSecond, null, null);
        }
    }

    public Quotas(BrokerClock clock) {
        this.clock = clock;
        this.sweptNanos = new AtomicLong(clock.nanos());
    }

    @Override
    public void onChange(ClusterView view) {
        Map<String, ClusterDocument> present = view.documents(DOCUMENTS);
        if (present.equals(documents)) {
            return;
        }
        documents = present;
        Map<QuotaEntity, Map<QuotaKind, Double>> parsed = new HashMap<>();
        present.values().forEach(document -> {
            try {
                parsed.put(QuotaEntity.parse(document.name()), values(document));
            } catch (IllegalArgumentException e) {
                LOG.error("Quota document {} cannot be read and does not count", document.name(), e);
            }
        });
        quotas = Map.copyOf(parsed);
        if (parsed.isEmpty()) {
            buckets.clear();
        }
        LOG.info("{} client quotas are in force", parsed.size());
    }

    private static Map<QuotaKind, Double> values(ClusterDocument document) {
        Map<QuotaKind, Double> values = new EnumMap<>(QuotaKind.class);
        document.properties().forEach((key, value) -> {
            QuotaKind kind = QuotaKind.forKey(key);
            if (kind != null) {
                values.put(kind, Double.valueOf(value));
            }
        });
        return values;
    }

    /** The quotas in force. */
    public Map<QuotaEntity, Map<QuotaKind, Double>> all() {
        return quotas;
    }

    /** Whether there is any quota at all. */
    public boolean isActive() {
        return !quotas.isEmpty();
    }

    /** The most that a client may read at one time without going into debt, bytes; no quota: no bound. */
    public int maxFetchBytes(String user, String clientId) {
        Match match = match(QuotaKind.CONSUMER_BYTE_RATE, user, clientId);
        return match == null ? Integer.MAX_VALUE : (int) Math.max(1, match.perSecond * Bucket.BURST_SECONDS);
    }

    /** Counts what a client did; the milliseconds that it shall wait, 0 for none. */
    public long record(QuotaKind kind, String user, String clientId, double amount) {
        Match match = match(kind, user, clientId);
        if (match == null) {
            return 0;
        }
        long now = clock.nanos();
        sweep(now);
        Key key = buckets.size() < MAX_BUCKETS || buckets.containsKey(match.key) ? match.key : match.key.shared();
        return buckets.computeIfAbsent(key, missing -> new Bucket(match.perSecond, now))
                .take(amount, now);
    }

    int bucketCount() {
        return buckets.size();
    }

    private void sweep(long now) {
        long last = sweptNanos.get();
        if (now - last >= SWEEP_NANOS && sweptNanos.compareAndSet(last, now)) {
            buckets.values().removeIf(bucket -> bucket.isFull(now));
        }
    }

    private @Nullable Match match(QuotaKind kind, String user, String clientId) {
        Map<QuotaEntity, Map<QuotaKind, Double>> present = quotas;
        if (present.isEmpty()) {
            return null;
        }
        Part everybody = new Part(null);
        Part thisUser = new Part(user);
        Part thisClient = new Part(clientId);
        for (QuotaEntity entity : List.of(
                new QuotaEntity(thisUser, thisClient),
                new QuotaEntity(thisUser, everybody),
                new QuotaEntity(thisUser, null),
                new QuotaEntity(everybody, thisClient),
                new QuotaEntity(everybody, everybody),
                new QuotaEntity(everybody, null),
                new QuotaEntity(null, thisClient),
                new QuotaEntity(null, everybody))) {
            Double value = present.getOrDefault(entity, Map.of()).get(kind);
            if (value != null) {
                double perSecond = kind.perSecond(value);
                Key key = new Key(
                        kind,
                        perSecond,
                        entity.user() == null ? null : user,
                        entity.clientId() == null ? null : clientId);
                return new Match(key, perSecond);
            }
        }
        return null;
    }

    private record Match(Key key, double perSecond) {}
}
