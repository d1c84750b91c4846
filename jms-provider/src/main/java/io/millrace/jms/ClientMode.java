// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledge;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * CLIENT_ACKNOWLEDGE: {@code Message.acknowledge()} accepts everything the session has received and returns once that is
 * durable. When no answer comes it stays unacknowledged: the application may acknowledge again, or recover.
 */
final class ClientMode extends ClientAcknowledgement {
    private boolean lostSome;

    ClientMode(SessionCore session) {
        super(session);
    }

    @Override
    public void acknowledge(@Nullable Delivery of) throws JMSException {
        session.checkOpen();
        List<Delivery> asked = new ArrayList<>();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        int outages = session.outages();
        if (isTooLate(of)) {
            throw new JMSException(
                    "The link to the broker was lost since this was received; it is not acknowledged and is delivered"
                            + " again.",
                    "MILLRACE_REDELIVERED");
        }
        session.locked(() -> {
            asked.addAll(unsettled.all());
            unsettled.settle(AckType.ACCEPT).forEach((at, acks) -> {
                if (at.sessionId() == session.id()) {
                    var unused = at.flushAndTakeReceipts(); // the accepts say as much
                }
                answers.add(at.link().request(new Acknowledge(at.sessionId(), acks, true), Acknowledge.Response.class));
            });
        });
        JMSException failure = null;
        for (CompletableFuture<?> answer : answers) {
            try {
                JmsErrors.await(answer, "Acknowledging");
            } catch (JMSException e) {
                failure = JmsErrors.join(failure, e);
            }
        }
        if (failure != null) {
            if (!isRefused(failure) && outages == session.outages()) {
                session.locked(() -> unsettled.restore(asked));
            }
            throw failure;
        }
        session.locked(session.work()::onSettled);
    }

    private boolean isTooLate(@Nullable Delivery of) {
        boolean[] late = new boolean[1];
        session.locked(() -> {
            late[0] = of != null
                    ? session.isGone(of)
                    : lostSome && unsettled.all().isEmpty();
            lostSome = false;
        });
        return late[0];
    }

    @Override
    public void onOutage() {
        lostSome = !unsettled.all().isEmpty();
        super.onOutage();
    }

    /** Whether asking again is of no use. */
    private static boolean isRefused(JMSException failure) {
        return failure.getCause() instanceof ProviderException known && known.kind() == ProviderException.Kind.REFUSED;
    }
}
