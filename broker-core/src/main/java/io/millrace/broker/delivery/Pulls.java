// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Pull;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The pulls of a link's consumers: each is offered to all its consumer's partitions, of which one serves it, and parked
 * until then or until its time is over. Owned by the link's loop.
 */
final class Pulls {
    private final OwnerLoop loop;
    private final DeliverySettings settings;

    Pulls(OwnerLoop loop, DeliverySettings settings) {
        this.loop = loop;
        this.settings = settings;
    }

    /** Fails when a consumer may not ask for this now. */
    static void check(Pull request, LinkConsumer consumer, LinkSession session) {
        if (request.maxMessages() < 1 || request.maxBytes() < 1 || request.maxWaitMs() < 0) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A pull of consumer " + request.consumerId() + " asks for " + request.maxMessages()
                            + " messages, " + request.maxBytes() + " bytes, within " + request.maxWaitMs()
                            + " ms; the least is 1, 1 and 0");
        }
        if (request.sessionEpoch() > session.epoch()) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A pull carries session epoch " + request.sessionEpoch() + "; session " + session.id() + " is at "
                            + session.epoch());
        }
        if (request.sessionEpoch() < session.epoch()) {
            throw staleEpoch(session);
        }
        if (consumer.parked() != null) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "Consumer " + request.consumerId() + " has a pull outstanding; one at a time is allowed");
        }
    }

    static DeliveryException staleEpoch(LinkSession session) {
        return new DeliveryException(
                ErrorCode.STALE_SESSION_EPOCH,
                "Session " + session.id() + " was recovered; it is at epoch " + session.epoch() + " now");
    }

    /** Acquires records; the caller takes over the buffers. */
    CompletableFuture<List<Pull.Run>> pull(Pull request, LinkConsumer consumer, LinkSession session) {
        ParkedPull pull = new ParkedPull(request);
        consumer.park(pull);
        offer(session, consumer, pull);
        if (request.maxWaitMs() == 0) {
            end(consumer, pull);
        } else {
            pull.endAt(loop.schedule(() -> end(consumer, pull), request.maxWaitMs()));
        }
        return pull.answer();
    }

    private void offer(LinkSession session, LinkConsumer consumer, ParkedPull pull) {
        Pull request = pull.request();
        Offer offer = new Offer(session, consumer, pull);
        PullTicket ticket = new PullTicket(
                consumer.holder(),
                consumer.filter(),
                Math.min(request.maxMessages(), settings.maxCredit()),
                Math.min(request.maxBytes(), settings.maxPullBytes()),
                offer);
        pull.offeredAs(ticket);
        for (Partition partition : consumer.inTurn()) {
            Completions.whenDone(
                    Calls.run(
                            partition::execute,
                            () -> DeliveryMachines.of(partition)
                                    .group(consumer.key())
                                    .offer(ticket)),
                    (done, failure) -> {
                        if (failure != null && ticket.take()) {
                            offer.onFailure(failure);
                        }
                    });
        }
    }

    /** Brings what becomes of a ticket back to the link's loop. */
    private final class Offer implements PullTicket.Listener {
        private final LinkSession session;
        private final LinkConsumer consumer;
        private final ParkedPull pull;

        Offer(LinkSession session, LinkConsumer consumer, ParkedPull pull) {
            this.session = session;
            this.consumer = consumer;
            this.pull = pull;
        }

        @Override
        public void onRecords(int partition, List<Pull.Run> runs) {
            loop.execute(() -> take(partition, runs));
        }

        private void take(int partition, List<Pull.Run> runs) {
            if (consumer.isClosed()) {
                runs.forEach(run -> run.records().release());
                answer(consumer, pull, List.of(), null);
            } else if (session.epoch() != pull.request().sessionEpoch()) {
                runs.forEach(run -> run.records().release());
                answer(consumer, pull, List.of(), staleEpoch(session));
            } else if (runs.isEmpty()) {
                offer(session, consumer, pull);
                if (pull.isEnding()) {
                    end(consumer, pull);
                }
            } else {
                consumer.onServedBy(partition);
                answer(consumer, pull, runs, null);
            }
        }

        @Override
        public void onFailure(Throwable failure) {
            loop.execute(() -> answer(consumer, pull, null, failure));
        }
    }

    /** Answers with what is available by now: each partition looks at all it has. */
    private void end(LinkConsumer consumer, ParkedPull pull) {
        if (consumer.parked() != pull) {
            return;
        }
        pull.end();
        PullTicket ticket = pull.ticket();
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        for (Partition partition : consumer.partitions()) {
            asked.add(Calls.on(
                    partition::execute,
                    () -> ticket == null
                            ? CompletableFuture.completedFuture(null)
                            : DeliveryMachines.of(partition)
                                    .group(consumer.key())
                                    .exhausted(ticket)));
        }
        Completions.whenDone(
                Calls.all(asked),
                (done, failure) -> loop.execute(() -> {
                    if (consumer.parked() == pull && pull.takeBack()) {
                        answer(consumer, pull, List.of(), null);
                    }
                }));
    }

    private static void answer(
            LinkConsumer consumer, ParkedPull pull, @Nullable List<Pull.Run> runs, @Nullable Throwable failure) {
        if (consumer.parked() == pull) {
            consumer.unpark();
        }
        if (failure != null || runs == null) {
            pull.fail(failure == null ? new IllegalStateException("a pull ended with nothing") : failure);
        } else {
            pull.complete(runs);
        }
    }

    /** Ends the parked pull of a consumer as if its time were over; completes after that pull. */
    CompletableFuture<Void> drain(LinkConsumer consumer) {
        ParkedPull pull = consumer.parked();
        CompletableFuture<Void> drained = new CompletableFuture<>();
        if (pull == null) {
            drained.complete(null);
        } else {
            pull.onDrain(drained);
            end(consumer, pull);
        }
        return drained;
    }

    /** Ends the parked pull of a consumer that gets nothing more, with a failure or with no records. */
    static void endParked(LinkConsumer consumer, @Nullable Throwable failure) {
        ParkedPull pull = consumer.parked();
        if (pull != null && pull.takeBack()) {
            answer(consumer, pull, List.of(), failure);
        }
    }
}
