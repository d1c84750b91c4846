// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import jakarta.jms.JMSException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ships one bundle and finds out what became of it. The broker answers a bundle id that it has seen with the recorded
 * outcome, so a bundle whose answer is missing is sent again, over a new link when the old one is gone, for one request
 * time-out more. Used by the committing thread only.
 */
final class Committing {
    private static final long PAUSE_MS = 100;

    /** Refusals that come before anything is written. */
    private static final Set<ErrorCode> REFUSED_AT_ONCE = EnumSet.of(
            ErrorCode.TRANSACTION_ABORTED,
            ErrorCode.STALE_LEASE,
            ErrorCode.TOO_LARGE,
            ErrorCode.DESTINATION_FULL,
            ErrorCode.BAD_REQUEST,
            ErrorCode.INVALID_DESTINATION,
            ErrorCode.WRONG_DESTINATION_KIND,
            ErrorCode.NOT_AUTHORIZED,
            ErrorCode.DUPLICATE_BRANCH,
            ErrorCode.UNSUPPORTED_FEATURE);

    /** What a broker says of a bundle sent again that it never applied, and never will. */
    private static final Set<ErrorCode> ABORTED = EnumSet.of(ErrorCode.TRANSACTION_ABORTED, ErrorCode.STALE_LEASE);

    private final SessionCore session;
    private final BrokerLink broker;
    private final Supplier<? extends MillraceRequest> bundle;
    private final Class<? extends MillraceResponse> answer;
    private @Nullable JMSException doubt;

    /** The bundle was not committed and will not be. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final JMSException reason;

        Refused(JMSException reason) {
            super(reason);
            this.reason = reason;
        }

        JMSException reason() {
            return reason;
        }
    }

    /** @param bundle encodes the bundle, once for each time it is sent; always with the same id */
    Committing(SessionCore session, BrokerLink broker, Supplier<Commit> bundle) {
        this(session, broker, bundle, Commit.Response.class);
    }

    /** @param bundle encodes what goes by a bundle id: a commit or a prepare */
    Committing(
            SessionCore session,
            BrokerLink broker,
            Supplier<? extends MillraceRequest> bundle,
            Class<? extends MillraceResponse> answer) {
        this.answer = answer;
        this.session = session;
        this.broker = broker;
        this.bundle = bundle;
    }

    /**
     * Returns once the bundle is committed.
     *
     * @throws Refused when it surely is not
     * @throws JMSException when nobody can say
     */
    void run() throws JMSException, Refused {
        session.owner().resumption().awaitUp();
        try {
            ship(broker, REFUSED_AT_ONCE);
        } catch (JMSException unanswered) {
            doubt = unanswered;
            findOut(unanswered);
        }
    }

    /** Asks once more what became of a bundle of which {@link #run} could not say it; ends as that does. */
    void again() throws JMSException, Refused {
        JMSException unanswered = doubt;
        if (unanswered == null) {
            throw new IllegalStateException("the bundle was not sent, or is not in doubt");
        }
        findOut(unanswered);
    }

    private void ship(BrokerLink link, Set<ErrorCode> decisive) throws JMSException, Refused {
        try {
            var unused = JmsErrors.await(link.request(bundle.get(), answer), "Committing");
        } catch (JMSException e) {
            if (e.getCause() instanceof ProviderException known
                    && known.kind() == ProviderException.Kind.REFUSED
                    && decisive.contains(known.code())) {
                throw new Refused(e);
            }
            throw e;
        }
    }

    private void findOut(JMSException unanswered) throws JMSException, Refused {
        long patience = TimeUnit.MILLISECONDS.toNanos(session.options().requestTimeoutMs());
        long began = System.nanoTime();
        JMSException last = unanswered;
        while (System.nanoTime() - began < patience && !Thread.currentThread().isInterrupted() && !session.isClosed()) {
            try {
                if (JmsErrors.isLinkLost(last) && session.owner().resumption().isOn()) {
                    awaitUp();
                    began = System.nanoTime();
                }
                ask(JmsErrors.isLinkLost(unanswered));
                return;
            } catch (JMSException e) {
                last = e;
            }
            pause();
        }
        throw JmsErrors.outcomeUnknown(last);
    }

    private void awaitUp() throws JMSException {
        try {
            session.owner().resumption().awaitUp();
        } catch (JMSException lost) {
            throw JmsErrors.outcomeUnknown(lost);
        }
    }

    private void ask(boolean anew) throws JMSException, Refused {
        if (!anew || session.owner().resumption().isOn()) {
            ship(broker, ABORTED);
            return;
        }
        BrokerLink fresh = JmsErrors.await(session.owner().replace(broker), "Asking for the outcome of a commit");
        try {
            ship(fresh, ABORTED);
        } finally {
            var unused = fresh.close();
        }
    }

    private static void pause() throws JMSException {
        JmsErrors.await(
                new CompletableFuture<String>().completeOnTimeout("", PAUSE_MS, TimeUnit.MILLISECONDS),
                "Waiting for the outcome of a commit");
    }
}
