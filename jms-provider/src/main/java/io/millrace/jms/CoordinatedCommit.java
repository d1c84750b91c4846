// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.Bundle.Coordinator;
import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBundle;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Prepare;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits a bundle over several brokers (docs/decisions/0020-coordinated-bundles.md): it is begun at the coordinator, the
 * other parts are prepared, the coordinator commits its own part together with the decision, the others apply it. What the
 * client leaves behind the brokers bring to its end. Used by the committing thread only.
 */
final class CoordinatedCommit {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatedCommit.class);
    private static final long PAUSE_MS = 100;

    private final SessionCore session;
    private final Coordinator coordinator;
    private final List<BundlePart> participants;
    private final List<BundlePart> shipped = new ArrayList<>();
    private UUID bundleId;

    CoordinatedCommit(SessionCore session, Coordinator coordinator, List<BundlePart> participants) {
        this.session = session;
        this.bundleId = session.bundleIds().next();
        this.coordinator = coordinator;
        this.participants = participants;
    }

    /**
     * Returns once the bundle is committed everywhere, or committed and some broker is away: then its part is applied when
     * that is back.
     *
     * @return the parts that are not applied yet
     * @throws Committing.Refused when it surely is not committed and will not be
     * @throws JMSException when nobody can say, or an operator has rolled a part back
     */
    List<Part> run() throws JMSException, Committing.Refused {
        List<Part> parts;
        try {
            parts = prepare(begin());
            decide(parts);
        } catch (Committing.Refused | RuntimeException | Error e) {
            giveUp(); // does nothing to a bundle that is decided, or on its way
            throw e;
        }
        List<Part> left = end(parts, Action.COMMIT, session.options().requestTimeoutMs());
        if (left.isEmpty()) {
            tell(true);
        } else {
            LOG.warn("Bundle {} is committed; {} will apply their parts when they can be reached", bundleId, left);
        }
        return left;
    }

    /** Nothing is written before it is answered, so it is done again, as another bundle, where that may help. */
    private UUID begin() throws Committing.Refused {
        long began = System.nanoTime();
        while (true) {
            try {
                session.owner().resumption().awaitUp();
                return JmsErrors.await(
                                coordinator
                                        .broker()
                                        .request(
                                                new BeginBundle(
                                                        bundleId, coordinator.destination(), coordinator.partition()),
                                                BeginBundle.Response.class),
                                "Beginning a commit over several brokers")
                        .topicId();
            } catch (JMSException e) {
                giveUp();
                if (!mayPass(e) || !isPatient(began, session.options().requestTimeoutMs())) {
                    throw new Committing.Refused(rolledBack(e));
                }
                bundleId = session.bundleIds().next();
            }
            pause();
        }
    }

    private boolean mayPass(JMSException failure) {
        ErrorCode code = XaErrors.codeOf(failure);
        return code == null
                ? JmsErrors.isLinkLost(failure) && session.owner().resumption().isOn()
                : code == ErrorCode.UNAVAILABLE || code == ErrorCode.NOT_LEADER;
    }

    private boolean isPatient(long beganNanos, long patienceMs) {
        return System.nanoTime() - beganNanos < TimeUnit.MILLISECONDS.toNanos(patienceMs)
                && !Thread.currentThread().isInterrupted()
                && !session.isClosed();
    }

    private static void pause() throws Committing.Refused {
        try {
            JmsErrors.await(
                    new CompletableFuture<String>().completeOnTimeout("", PAUSE_MS, TimeUnit.MILLISECONDS),
                    "Waiting for a broker");
        } catch (JMSException interrupted) {
            throw new Committing.Refused(rolledBack(interrupted));
        }
    }

    /** What says why nothing was committed says also that it was not. */
    private static JMSException rolledBack(JMSException reason) {
        return reason.getClass() == JMSException.class
                ? JmsErrors.withCause(
                        new TransactionRolledBackException(
                                "The transaction was rolled back: " + reason.getMessage(),
                                "MILLRACE_TRANSACTION_ABORTED"),
                        reason)
                : reason;
    }

    /** All parts, or none is left. */
    private List<Part> prepare(UUID topicId) throws JMSException, Committing.Refused {
        BranchId.Bundle bundle = new BranchId.Bundle(bundleId, topicId, coordinator.partition());
        Map<Part, CompletableFuture<PlainResponse>> answers = new LinkedHashMap<>();
        for (BundlePart part : participants) {
            shipped.add(LargeSends.ship(part));
        }
        for (BundlePart part : List.copyOf(shipped)) {
            BranchId branch = BranchId.ofBundle(bundle, answers.size());
            Prepare prepare = new Prepare(
                    part.session().id(), UUID.randomUUID(), branch, part.batches(), part.accepts(), part.pieces());
            answers.put(new Part(part.broker(), branch), part.broker().request(prepare, PlainResponse.class));
        }
        JMSException failure = null;
        for (CompletableFuture<PlainResponse> answer : answers.values()) {
            try {
                var unused = JmsErrors.await(answer, "Preparing a commit over several brokers");
            } catch (JMSException e) {
                failure = JmsErrors.join(failure, e);
            }
        }
        List<Part> parts = List.copyOf(answers.keySet());
        if (failure != null) {
            undo(parts);
            throw new Committing.Refused(rolledBack(failure));
        }
        return parts;
    }

    /** Where nobody can say, the session's next bundle asks again. */
    private void decide(List<Part> parts) throws JMSException, Committing.Refused {
        List<Commit.Participant> others = new ArrayList<>();
        for (Part part : parts) {
            others.add(new Commit.Participant(others.size(), part.broker().brokerId()));
        }
        try {
            BundlePart own = LargeSends.ship(coordinator.part());
            shipped.add(own);
            Committing committing = new Committing(
                    session,
                    coordinator.broker(),
                    () -> new Commit(
                            own.session().id(),
                            bundleId,
                            own.batches(),
                            own.accepts(),
                            coordinator.destination(),
                            coordinator.partition(),
                            others,
                            own.pieces()));
            try {
                committing.run();
            } catch (JMSException unknown) {
                Set<Integer> brokers = new HashSet<>(Set.of(coordinator.broker().brokerId()));
                parts.forEach(part -> brokers.add(part.broker().brokerId()));
                session.unapplied().doubt(brokers, () -> {
                    committing.again();
                    return Part.end(parts, Action.COMMIT);
                });
                throw unknown;
            }
        } catch (Committing.Refused refused) {
            undo(parts);
            throw refused;
        }
    }

    /** Nothing was decided: what was prepared goes back, now if it can be. */
    private void undo(List<Part> parts) throws JMSException {
        giveUp();
        var unused = end(parts, Action.ROLLBACK, 0);
    }

    private void giveUp() {
        tell(false);
        shipped.forEach(LargeSends::giveUp);
    }

    /** The coordinator need not know the bundle any longer. Where it does not hear it, it finds out. */
    private void tell(boolean applied) {
        EndBundle done = new EndBundle(bundleId, coordinator.destination(), coordinator.partition(), applied);
        var unused = coordinator.broker().request(done, PlainResponse.class);
    }

    /** Ends the parts; those that could not be ended in this time. */
    private List<Part> end(List<Part> parts, Action action, long patienceMs) throws JMSException {
        long began = System.nanoTime();
        List<Part> left = parts;
        while (true) {
            left = Part.end(left, action);
            if (left.isEmpty() || !isPatient(began, patienceMs)) {
                return left;
            }
            try {
                session.owner().resumption().awaitUp();
                pause();
            } catch (JMSException | Committing.Refused e) {
                return left; // the connection is lost, or the thread interrupted; the brokers go on
            }
        }
    }
}
