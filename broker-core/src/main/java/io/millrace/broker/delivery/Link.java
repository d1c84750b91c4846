// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.Urgency;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.Browse;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.CloseSession;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.CreateTemporary;
import io.millrace.protocol.message.DeleteTemporary;
import io.millrace.protocol.message.Drain;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Spill;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.Unsubscribe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JMS client's connection, on the one owner loop that was chosen for it. All methods run there; partitions answer by
 * enqueueing. Failures are {@link DeliveryException}s or the partition's own. Whatever ends a link, everything it held
 * goes back in offset order.
 */
public final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final long id;
    private final UUID incarnation;
    private final @Nullable String clientId;
    private final OwnerLoop loop;
    private final BrokerClock clock;
    private final Subscriptions subscriptions;
    private final Bundles bundles;
    private final Branches branches;
    private final Decisions decisions;
    private final OpenSpills spills;
    private final DeliverySettings settings;
    private final long heartbeatTimeoutMs;
    private final Consumer<String> disconnect;
    private final LinkTemporaries temporaries;
    private final Pulls pulls;
    private final Map<Long, LinkSession> sessions = new HashMap<>();
    private final Map<Long, LinkConsumer> consumers = new HashMap<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private long lastSeenNanos;
    private boolean closed;
    private volatile boolean admitted;

    Link(
            long id,
            UUID incarnation,
            @Nullable String clientId,
            OwnerLoop loop,
            BrokerClock clock,
            Subscriptions subscriptions,
            Bundles bundles,
            Branches branches,
            Decisions decisions,
            OpenSpills spills,
            LinkTemporaries temporaries,
            DeliverySettings settings,
            long heartbeatTimeoutMs,
            Consumer<String> disconnect) {
        this.id = id;
        this.incarnation = incarnation;
        this.clientId = clientId;
        this.loop = loop;
        this.clock = clock;
        this.subscriptions = subscriptions;
        this.bundles = bundles;
        this.branches = branches;
        this.decisions = decisions;
        this.spills = spills;
        this.temporaries = temporaries;
        this.pulls = new Pulls(loop, settings);
        this.settings = settings;
        this.heartbeatTimeoutMs = heartbeatTimeoutMs;
        this.disconnect = disconnect;
        this.lastSeenNanos = clock.nanos();
    }

    long id() {
        return id;
    }

    @Nullable
    String clientId() {
        return clientId;
    }

    /** The client must come again. Any thread. */
    void disconnect(String reason) {
        disconnect.accept(reason);
    }

    UUID incarnation() {
        return incarnation;
    }

    OwnerLoop loop() {
        return loop;
    }

    /** Its requests are taken from now on; begins to watch for silence. Any thread. */
    void admit() {
        admitted = true;
        loop.execute(this::checkHeartbeat);
    }

    /** The client lives. Fails when the link is closed. */
    void touch() {
        if (closed) {
            throw new DeliveryException(ErrorCode.UNAVAILABLE, "The link of this connection is closed; connect again");
        }
        lastSeenNanos = clock.nanos();
    }

    /** Whether its client id is its own. Any thread. */
    boolean isAdmitted() {
        return admitted;
    }

    private void checkHeartbeat() {
        if (closed) {
            return;
        }
        long silentMs = TimeUnit.NANOSECONDS.toMillis(clock.nanos() - lastSeenNanos);
        if (silentMs >= heartbeatTimeoutMs) {
            LOG.info("Link {} of client {} was silent for {} ms; it is closed", id, incarnation, silentMs);
            disconnect.accept("no heartbeat for " + silentMs + " ms");
            var unused = close();
        } else {
            var unused = loop.schedule(this::checkHeartbeat, heartbeatTimeoutMs - silentMs);
        }
    }

    /** Makes a temporary destination of this link; completes with its name. */
    public CompletableFuture<String> createTemporary(CreateTemporary request) {
        return temporaries.create(request.kind());
    }

    /** Deletes a temporary destination of this link; fails with {@code IN_USE} while it has consumers. */
    public CompletableFuture<Void> deleteTemporary(DeleteTemporary request) {
        boolean inUse = consumers.values().stream()
                .anyMatch(consumer -> consumer.partitions().get(0).id().topic().equals(request.name()));
        return temporaries.delete(request.name(), inUse);
    }

    /** Answers a page of a queue browser, which takes nothing; the caller takes over the buffers. */
    public CompletableFuture<Browse.Response> browse(Browse request) {
        temporaries.checkMayReceive(request.destination());
        return subscriptions.browse(request, clock.wallMs());
    }

    /** Opens a consumer; completes when its start is fixed on every partition. */
    public CompletableFuture<Void> subscribe(Subscribe request) {
        temporaries.checkMayReceive(request.destination());
        LinkSession session = session(request.sessionId());
        if (consumers.containsKey(request.consumerId()) || session.find(request.consumerId()) != null) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST, "Consumer id " + request.consumerId() + " is in use on this connection");
        }
        if (consumers.size() >= settings.maxConsumers()) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "This connection has " + consumers.size() + " consumers, the most it may have; close some");
        }
        Holder holder = new Holder(id, request.sessionId(), request.consumerId(), request.redelivery());
        LinkConsumer consumer = subscriptions.prepare(holder, incarnation, clientId, request);
        RecordFilter.check(consumer.filter());
        consumers.put(request.consumerId(), consumer);
        session.add(consumer);
        CompletableFuture<Void> answer = new CompletableFuture<>();
        Completions.whenDone(
                subscriptions.open(consumer),
                (done, failure) -> loop.execute(() -> onSubscribed(session, consumer, failure, answer)));
        return answer;
    }

    private void onSubscribed(
            LinkSession session, LinkConsumer consumer, @Nullable Throwable failure, CompletableFuture<Void> answer) {
        if (failure == null && !closed && !consumer.isClosed()) {
            answer.complete(null);
            return;
        }
        consumers.remove(consumer.holder().consumer(), consumer);
        session.remove(consumer);
        Throwable cause = failure == null
                ? new DeliveryException(ErrorCode.UNAVAILABLE, "The consumer was closed while it subscribed")
                : failure;
        Completions.whenDone(subscriptions.close(consumer), (holds, ignored) -> answer.completeExceptionally(cause));
    }

    /** Acquires records; parked until there are some or the time is over. The caller takes over the buffers. */
    public CompletableFuture<List<Pull.Run>> pull(Pull request) {
        LinkConsumer consumer = consumer(request.consumerId());
        LinkSession session = session(consumer.holder().session());
        Pulls.check(request, consumer, session);
        if (!request.acks().isEmpty()) {
            var unused = settle(session, request.acks(), Urgency.UNAWAITED);
        }
        return pulls.pull(request, consumer, session);
    }

    /** Ends the parked pull of a consumer; completes after that pull. */
    public CompletableFuture<Void> drain(Drain request) {
        return pulls.drain(consumer(request.consumerId()));
    }

    /** Settles records of a session; completes when what took effect is durable, or at once when nobody waits for it. */
    public CompletableFuture<Settled> acknowledge(Acknowledge request) {
        Urgency urgency = request.awaited() ? Urgency.AWAITED : Urgency.UNAWAITED;
        return settle(session(request.sessionId()), request.acks(), urgency);
    }

    private static CompletableFuture<Settled> settle(LinkSession session, List<Acknowledgement> acks, Urgency urgency) {
        return new SettleWork(session, acks, urgency).start();
    }

    /** Commits a bundle; answers the base offset of each send. The request's buffers must stay valid until then. */
    public CompletableFuture<List<Long>> commit(Commit request) {
        return bundles.commit(sessionsFrom(request.sessionId()), request);
    }

    /** Begins a bundle that several brokers take part in, which ends with the link until it is decided. */
    public CompletableFuture<UUID> begin(BeginBundle request) {
        return CompletableFuture.completedFuture(decisions.begin(request, id));
    }

    /** Takes a piece of a large bundle; completes when that is durable. The request's buffers must stay valid until then. */
    public CompletableFuture<Void> spill(Spill request) {
        return spills.take(request, id);
    }

    /** Prepares a branch; completes when that is durable. The request's buffers must stay valid until then. */
    public CompletableFuture<Void> prepare(Prepare request) {
        return branches.prepare(sessionsFrom(request.sessionId()), request);
    }

    /** The session of a consumer: this one, else another that has it, else this one again, which will not find it. */
    private LongFunction<LinkSession> sessionsFrom(long sessionId) {
        LinkSession named = session(sessionId);
        return consumer -> named.find(consumer) != null
                ? named
                : sessions.values().stream()
                        .filter(session -> session.find(consumer) != null)
                        .findFirst()
                        .orElse(named);
    }

    /** Returns all a session holds and starts its new epoch. */
    public CompletableFuture<Void> recover(RecoverSession request) {
        LinkSession session = session(request.sessionId());
        if (request.sessionEpoch() <= session.epoch()) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "Session " + session.id() + " is at epoch " + session.epoch() + " and cannot go to "
                            + request.sessionEpoch());
        }
        var unused = settle(session, request.receipts(), Urgency.UNAWAITED);
        session.onRecovered(request.sessionEpoch());
        // With the closed ones: the session holds what they received.
        List<LinkConsumer> all = session.consumers();
        for (LinkConsumer consumer : all) {
            Pulls.endParked(consumer, Pulls.staleEpoch(session));
            if (consumer.isClosed()) {
                session.remove(consumer);
            }
        }
        return release(all, group -> group.releaseSession(id, session.id()));
    }

    private static CompletableFuture<Void> release(List<LinkConsumer> of, Consumer<DeliveryGroup> action) {
        Set<SettleWork.Target> targets = new HashSet<>();
        for (LinkConsumer consumer : of) {
            consumer.partitions().forEach(partition -> targets.add(new SettleWork.Target(partition, consumer.key())));
        }
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        for (SettleWork.Target target : targets) {
            Partition partition = target.partition();
            calls.add(Calls.run(partition::execute, () -> Subscriptions.with(partition, target.key(), action)));
        }
        return Calls.all(calls);
    }

    /** Ends a consumer: what it buffered goes back, what was received stays with the session. */
    public CompletableFuture<Void> closeConsumer(CloseConsumer request) {
        LinkConsumer consumer = consumer(request.consumerId());
        LinkSession session = session(consumer.holder().session());
        if (!request.receipts().isEmpty()) {
            var unused = settle(session, request.receipts(), Urgency.UNAWAITED);
        }
        consumer.close();
        consumers.remove(request.consumerId());
        Pulls.endParked(consumer, null);
        CompletableFuture<Void> answer = new CompletableFuture<>();
        Completions.whenDone(
                subscriptions.close(consumer),
                (holds, failure) -> loop.execute(() -> {
                    if (holds == null || !holds) {
                        session.remove(consumer);
                    }
                    answer.complete(null);
                }));
        return answer;
    }

    /** Ends a session and its consumers; all it holds goes back. */
    public CompletableFuture<Void> closeSession(CloseSession request) {
        LinkSession session = sessions.get(request.sessionId());
        if (session == null) {
            return CompletableFuture.completedFuture(null);
        }
        var unused = settle(session, request.receipts(), Urgency.UNAWAITED);
        sessions.remove(request.sessionId());
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (LinkConsumer consumer : session.consumers()) {
            consumer.close();
            consumers.remove(consumer.holder().consumer(), consumer);
            Pulls.endParked(consumer, null);
            calls.add(subscriptions.close(consumer));
        }
        calls.add(release(session.consumers(), group -> group.releaseSession(id, session.id())));
        return Calls.all(calls);
    }

    /** Ends the link; idempotent. The future completes when all it held went back. */
    CompletableFuture<Void> close() {
        if (closed) {
            return released;
        }
        closed = true;
        List<LinkConsumer> all = new ArrayList<>();
        sessions.values().forEach(session -> all.addAll(session.consumers()));
        for (LinkConsumer consumer : all) {
            consumer.close();
            Pulls.endParked(consumer, new DeliveryException(ErrorCode.UNAVAILABLE, "The link is closed"));
        }
        decisions.open().onLinkClosed(id);
        spills.onLinkClosed(id);
        sessions.clear();
        consumers.clear();
        // Before those that are deleted, so that their partitions still take it.
        CompletableFuture<Void> returned =
                release(all, group -> group.releaseLink(id)).thenRun(() -> all.forEach(subscriptions::onClosed));
        Calls.forward(Calls.all(List.of(returned, temporaries.close())), released);
        return released;
    }

    /** Deletes a durable subscription. */
    public CompletableFuture<Void> unsubscribe(Unsubscribe request) {
        return subscriptions.unsubscribe(clientId, request.subscription());
    }

    private LinkConsumer consumer(long consumerId) {
        LinkConsumer consumer = consumers.get(consumerId);
        if (consumer == null) {
            throw new DeliveryException(
                    ErrorCode.UNKNOWN_CONSUMER, "There is no consumer " + consumerId + " on this connection");
        }
        return consumer;
    }

    private LinkSession session(long sessionId) {
        LinkSession session = sessions.get(sessionId);
        if (session == null) {
            if (sessions.size() >= settings.maxConsumers()) {
                throw new DeliveryException(
                        ErrorCode.UNAVAILABLE,
                        "This connection has " + sessions.size() + " sessions, the most it may have; close some");
            }
            session = new LinkSession(id, sessionId);
            sessions.put(sessionId, session);
        }
        return session;
    }
}
