// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.jms.BodyType;
import io.millrace.protocol.jms.JmsRecordCodec;
import io.millrace.protocol.message.Drain;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The pull loop of one receiver at one broker. Guarded by the session's lock. While it is open, the session started and
 * the buffer below half, exactly one pull is parked at the broker; a drain ends it.
 */
final class Leg {
    private static final long RETRY_MS = 200;

    private final SessionCore session;
    private final Receiver receiver;
    private final SessionLink at;
    private boolean parked;
    private int drains;
    private boolean closed;

    Leg(SessionCore session, Receiver receiver, SessionLink at) {
        this.session = session;
        this.receiver = receiver;
        this.at = at;
    }

    SessionLink at() {
        return at;
    }

    void close() {
        closed = true;
    }

    /** Parks a pull when there is credit to give. Call with the session's lock. */
    void pullIfWanted() {
        if (parked) {
            at.flushIfMany(); // nothing takes them along for now, and the broker may wait for them to give more
            return;
        }
        int credit = receiver.credit();
        if (closed || drains > 0 || credit == 0 || !session.isPulling()) {
            return;
        }
        parked = true;
        int maxWaitMs = Math.max(1, at.link().heartbeatTimeoutMs() / 3);
        int epoch = session.epoch();
        Pull pull = new Pull(receiver.id(), epoch, credit, session.options().prefetchBytes(), maxWaitMs, at.take());
        var unused = at.link()
                .request(pull, Pull.Response.class, maxWaitMs)
                .whenComplete((answer, failure) -> onAnswered(epoch, answer, failure));
    }

    private void onAnswered(int epoch, Pull.@Nullable Response answer, @Nullable Throwable failure) {
        if (answer == null) {
            session.locked(() -> onFailed(failure));
            return;
        }
        try {
            long bytes = answer.runs().stream()
                    .mapToLong(run -> run.records().readableBytes())
                    .sum();
            List<Delivery> arrived = decode(receiver, at, epoch, answer.runs());
            session.locked(() -> onArrived(epoch, arrived, bytes));
        } catch (RuntimeException e) {
            session.locked(() -> receiver.fail(JmsErrors.of(e, "Reading a message of " + receiver.destination())));
        } finally {
            answer.release();
        }
    }

    private void onArrived(int epoch, List<Delivery> arrived, long bytes) {
        parked = false;
        if (!closed && epoch == session.epoch()) {
            receiver.offer(arrived, bytes);
        }
        pullIfWanted();
    }

    private void onFailed(@Nullable Throwable failure) {
        parked = false;
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (closed || !(cause instanceof ProviderException known)) {
            return;
        }
        if (known.code() == ErrorCode.STALE_SESSION_EPOCH) {
            pullIfWanted();
        } else if (known.kind() == ProviderException.Kind.REFUSED && known.code() == ErrorCode.UNAVAILABLE) {
            at.link().schedule(() -> session.locked(this::pullIfWanted), RETRY_MS);
        } else if (known.kind() != ProviderException.Kind.LINK_LOST) {
            // Also when no answer came: the broker may give out records that nobody would take.
            receiver.fail(JmsErrors.of(known, "Receiving from " + receiver.destination()));
        }
    }

    /** Ends the parked pull; completes once nothing is on its way. Call with the session's lock. */
    CompletableFuture<Void> drain() {
        if (closed) {
            return CompletableFuture.completedFuture(null);
        }
        drains++;
        return at.link().request(new Drain(receiver.id()), PlainResponse.class).handle((answer, failure) -> {
            session.locked(() -> {
                drains--;
                pullIfWanted();
            });
            return null;
        });
    }

    /** The records of an answer, whose buffers are not needed any more then. */
    static List<Delivery> decode(Receiver receiver, SessionLink at, int epoch, List<Pull.Run> runs) {
        List<Delivery> arrived = new ArrayList<>();
        for (Pull.Run run : runs) {
            try (RecordReader records =
                    RecordReader.ofRun(run.records(), run.baseOffset(), run.baseTimestampMs(), run.count())) {
                while (records.hasNext()) {
                    RecordView view = records.next();
                    arrived.add(new Delivery(
                            receiver,
                            at,
                            epoch,
                            run.partition(),
                            view.offset(),
                            run.lease(),
                            run.deliveryCount(),
                            run.redelivered(),
                            JmsRecordCodec.decode(view, foreignType(view)),
                            view.sizeInBytes()));
                }
            }
        }
        return arrived;
    }

    /** What a record of a Kafka producer is when it does not say: text when its bytes are text. */
    private static BodyType foreignType(RecordView view) {
        ByteBuf value = view.value();
        return value == null || ByteBufUtil.isText(value, StandardCharsets.UTF_8) ? BodyType.TEXT : BodyType.BYTES;
    }
}
