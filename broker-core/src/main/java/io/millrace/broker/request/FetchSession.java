// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.request.FetchRound.Look;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.jspecify.annotations.Nullable;

/**
 * What a client fetches from, remembered between its fetches (KIP-227). Owned by the connection's network loop, but for
 * what {@link FetchSessions} looks at.
 *
 * <p>A partition is either <em>ready</em>, to be looked at by the next fetch, or it waits: it is registered for the next
 * record and costs a fetch nothing until that comes. So a fetch costs what its changes cost. The ready ones take turns:
 * who was read goes to the end. A start offset that moved is told with the partition's next news.
 */
final class FetchSession implements FetchScope {
    /** The epoch of a fetch that opens a session. */
    static final int INITIAL_EPOCH = 0;

    /** The epoch of a fetch that closes its session, or wants none. */
    static final int FINAL_EPOCH = -1;

    private final int id;
    private final boolean byId;
    private final long createdMs;
    private final RequestContext.Connection connection;
    private final Map<FetchTarget.Key, FetchTarget> targets = new HashMap<>();
    private final Set<FetchTarget> ready = new LinkedHashSet<>();
    private volatile long lastUsedMs;
    private volatile int size;
    private int epoch = INITIAL_EPOCH + 1;
    private @Nullable Runnable parked;
    private CompletableFuture<FetchResponseData> last = CompletableFuture.completedFuture(new FetchResponseData());

    FetchSession(int id, boolean byId, RequestContext.Connection connection, List<FetchTarget> targets, long nowMs) {
        this.id = id;
        this.byId = byId;
        this.connection = connection;
        this.createdMs = nowMs;
        this.lastUsedMs = nowMs;
        for (FetchTarget target : targets) {
            this.targets.put(target.key(), target);
        }
        ready.addAll(this.targets.values());
        size = this.targets.size();
    }

    int id() {
        return id;
    }

    boolean byId() {
        return byId;
    }

    RequestContext.Connection connection() {
        return connection;
    }

    /** Any thread. */
    int size() {
        return size;
    }

    /** Any thread. */
    long createdMs() {
        return createdMs;
    }

    /** Any thread. */
    long lastUsedMs() {
        return lastUsedMs;
    }

    /** Whether the next fetch has this epoch; if so the one after it must have the next. */
    boolean takeEpoch(int wanted, long nowMs) {
        if (wanted != epoch) {
            return false;
        }
        epoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
        lastUsedMs = nowMs;
        return true;
    }

    /** The fetch that is in progress or was the last. */
    CompletableFuture<FetchResponseData> last() {
        return last;
    }

    void last(CompletableFuture<FetchResponseData> fetch) {
        last = fetch;
    }

    /** Takes in what a request changes. */
    void update(FetchRequestData request) {
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition wanted : topic.partitions()) {
                update(FetchTarget.Key.of(byId, topic.topic(), topic.topicId(), wanted.partition()), wanted);
            }
        }
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            for (int partition : topic.partitions()) {
                forget(FetchTarget.Key.of(byId, topic.topic(), topic.topicId(), partition));
            }
        }
        size = targets.size();
    }

    private void update(FetchTarget.Key key, FetchPartition wanted) {
        FetchTarget target = targets.get(key);
        if (target == null) {
            target = new FetchTarget(key, wanted);
            targets.put(key, target);
        } else {
            target.stopWaiting();
            target.update(wanted);
        }
        ready.add(target);
    }

    private void forget(FetchTarget.Key key) {
        FetchTarget target = targets.remove(key);
        if (target != null) {
            target.stopWaiting();
            ready.remove(target);
        }
    }

    @Override
    public Iterator<FetchTarget> candidates() {
        return new ArrayList<>(ready).iterator();
    }

    @Override
    public boolean incremental() {
        return true;
    }

    @Override
    public void park(FetchRound round, Runnable wake) {
        parked = wake;
        round.looks().forEach(look -> await(look, round.isCommitted()));
    }

    @Override
    public void unpark() {
        parked = null;
    }

    @Override
    public void onAnswered(FetchRound round) {
        for (Look look : round.looks()) {
            if (targets.get(look.target().key()) != look.target()) {
                continue;
            }
            if (look.failed() || look.bytes() > 0) {
                ready.remove(look.target());
                ready.add(look.target());
            } else {
                await(look, round.isCommitted());
            }
            look.target().onAnswered(look.data());
        }
    }

    /** Waits where the end was reached; who has more stays ready too, and one with an error is asked again. */
    private void await(Look look, boolean committed) {
        FetchTarget target = look.target();
        if (look.failed()) {
            return;
        }
        if (target.offset() >= FetchReader.end(look.data(), committed)) {
            ready.remove(target);
        }
        target.await(look.data(), committed, () -> connection.execute(() -> onData(target)));
    }

    private void onData(FetchTarget target) {
        if (targets.get(target.key()) != target) {
            return;
        }
        target.stopWaiting();
        ready.add(target);
        Runnable wake = parked;
        if (wake != null) {
            wake.run();
        }
    }

    /** Ends all waiting; nothing is fetched in this session any more. */
    void release() {
        targets.values().forEach(FetchTarget::stopWaiting);
        targets.clear();
        ready.clear();
        size = 0;
    }
}
