// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.delivery.StateSpace.Explored;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.ListBranches.State;
import io.millrace.protocol.message.SubscriptionKind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every history, up to a length, of one message that transactions receive and forward: acquired, received, prepared,
 * committed in one and two phases, rolled back, ended by an operator, forgotten, given back by a lost link, written into
 * a snapshot, synced, and crashed with any part of what was not synced. The real engine, pins and records stand beside a
 * model of a few lines; after each step both must say the same, and the message is in the queue, in a branch, or
 * forwarded exactly once.
 */
class BranchStateSpaceTest {
    private static final int DEPTH = Integer.getInteger("xa.depth", 8);
    private static final int GROUP = 1;
    private static final int LINKS = 2;
    private static final int BRANCHES = 2;

    /** What can happen. */
    private enum Step {
        ACQUIRE,
        RECEIVE,
        COMMIT_ONE_PHASE,
        PREPARE,
        COMMIT,
        ROLLBACK,
        OPERATOR_COMMIT,
        OPERATOR_ROLLBACK,
        FORGET,
        LOSE_LINK,
        SNAPSHOT,
        SYNC,
        CRASH_KEEPING_ALL,
        CRASH_KEEPING_ONE,
        CRASH
    }

    /** Where the message is. */
    private enum Place {
        QUEUE,
        BRANCH,
        FORWARDED
    }

    /**
     * What a journal prefix means.
     *
     * @param place where the message is
     * @param count how often it was received
     * @param heuristic what an operator made of the branch, not forgotten
     * @param branches how many branches there were
     */
    private record Spec(
            Place place,
            int count,
            boolean received,
            @Nullable State heuristic,
            int branches) {
        static final Spec FIRST = new Spec(Place.QUEUE, 0, false, null, 0);
    }

    /** One atomic append: state records, whether the message was forwarded, and what the model makes of it. */
    private record Frame(List<ByteBuf> state, boolean forwards, boolean snapshot, Spec after) {}

    /** A broker with one partition and one group. */
    private static final class Run extends StateSpace.World<Step> implements DeliveryRecords.Visitor {
        private final List<Frame> journal = new ArrayList<>();
        private int durable;
        private int link;
        private Spec spec = Spec.FIRST;
        private BranchIndex index = new BranchIndex();
        private GroupPartition engine = new GroupPartition(0);
        private PartitionBranches branches = newBranches();
        private int forwarded;
        private long lastLease;
        private final Set<Place> places;

        Run(Set<Place> places) {
            this.places = places;
        }

        private PartitionBranches newBranches() {
            return new PartitionBranches(new PartitionId(new UUID(0, 1), "in", 0), index);
        }

        private static BranchId branch(int number) {
            return new BranchId(1, "0" + number, "");
        }

        private BranchId current() {
            return branch(spec.branches());
        }

        private Holder holder() {
            return new Holder(link, 1, 1);
        }

        private List<Span<Acquired>> held() {
            return engine.inFlight().held(holder(), lastLease, 0, 0);
        }

        private static final DeliveryRules RULES =
                new JmsRules(SubscriptionKind.QUEUE, () -> new RedeliveryPolicy(-1, 0, 1, 0, "DLQ", "", false));

        private void append(List<StateRecord> records, boolean forwards, Spec after) {
            Frame frame = new Frame(payloads(records), forwards, false, after);
            journal.add(frame);
            apply(frame);
        }

        private void apply(Frame frame) {
            frame.state().forEach(record -> DeliveryRecords.read(record.duplicate(), this));
            forwarded += frame.forwards() ? 1 : 0;
            spec = frame.after();
        }

        @Override
        boolean act(Step step) {
            switch (step) {
                case ACQUIRE -> {
                    if (engine.available(0, 0, 1).isEmpty()) {
                        return false;
                    }
                    engine.acquire(holder(), ++lastLease, 0, 0, null, false);
                    append(List.of(DeliveryRecords.acquired(GROUP, List.of(new OffsetRange(0, 0)))), false, spec);
                }
                case RECEIVE -> {
                    if (held().isEmpty() || held().get(0).value().received()) {
                        return false;
                    }
                    append(
                            Settlement.records(GROUP, RULES, AckType.RECEIPT, held()),
                            false,
                            new Spec(Place.QUEUE, spec.count() + 1, true, spec.heuristic(), spec.branches()));
                }
                case COMMIT_ONE_PHASE -> {
                    if (held().isEmpty()) {
                        return false;
                    }
                    append(
                            Settlement.records(GROUP, RULES, AckType.ACCEPT, held()),
                            true,
                            new Spec(Place.FORWARDED, 0, false, spec.heuristic(), spec.branches()));
                }
                case PREPARE -> {
                    return prepare();
                }
                case COMMIT -> {
                    return end(Action.COMMIT, false);
                }
                case ROLLBACK -> {
                    return end(Action.ROLLBACK, false);
                }
                case OPERATOR_COMMIT -> {
                    return end(Action.COMMIT, true);
                }
                case OPERATOR_ROLLBACK -> {
                    return end(Action.ROLLBACK, true);
                }
                case FORGET -> {
                    return spec.heuristic() != null && forget();
                }
                case LOSE_LINK -> {
                    if (link >= LINKS) {
                        return false;
                    }
                    int lost = link++;
                    engine.inFlight()
                            .where(acquired -> acquired.holder().link() == lost)
                            .forEach(span -> engine.giveBack(span.first(), span.last()));
                    spec = new Spec(spec.place(), spec.count(), false, spec.heuristic(), spec.branches());
                }
                case SNAPSHOT -> {
                    return snapshot();
                }
                case SYNC -> {
                    if (durable == journal.size()) {
                        return false;
                    }
                    durable = journal.size();
                }
                case CRASH_KEEPING_ALL -> {
                    return crash(journal.size());
                }
                case CRASH_KEEPING_ONE -> {
                    return durable + 1 < journal.size() && crash(durable + 1);
                }
                case CRASH -> {
                    return durable < journal.size() && crash(durable);
                }
            }
            return true;
        }

        private boolean prepare() {
            if (held().isEmpty() || spec.heuristic() != null || spec.branches() >= BRANCHES) {
                return false;
            }
            BranchId id = branch(spec.branches() + 1);
            PreparedBranch part = new PreparedBranch(
                    id,
                    new UUID(0, spec.branches()),
                    0,
                    List.of(new PartitionId(new UUID(0, 1), "in", 0)),
                    List.of(Unpooled.wrappedBuffer(new byte[] {1})),
                    null,
                    1,
                    1,
                    State.PREPARED);
            int count = spec.count() + (held().get(0).value().received() ? 0 : 1);
            append(
                    List.of(BranchRecords.prepared(part), BranchSettlement.pin(GROUP, id, AckType.ACCEPT, held())),
                    false,
                    new Spec(Place.BRANCH, count, true, null, spec.branches() + 1));
            return true;
        }

        private boolean end(Action action, boolean heuristic) {
            if (spec.place() != Place.BRANCH) {
                return false;
            }
            EndBranch request = new EndBranch(new UUID(1, 1), current(), action, heuristic);
            boolean commits = action == Action.COMMIT;
            State remembered =
                    !heuristic ? null : commits ? State.HEURISTICALLY_COMMITTED : State.HEURISTICALLY_ROLLED_BACK;
            append(
                    settle(request),
                    commits,
                    new Spec(
                            commits ? Place.FORWARDED : Place.QUEUE,
                            commits ? 0 : spec.count(),
                            false,
                            remembered,
                            spec.branches()));
            return true;
        }

        private boolean forget() {
            append(
                    settle(new EndBranch(new UUID(1, 1), current(), Action.FORGET, false)),
                    false,
                    new Spec(spec.place(), spec.count(), spec.received(), null, spec.branches()));
            return true;
        }

        private List<StateRecord> settle(EndBranch request) {
            return BranchSettlement.end(
                    request, branches, List.of(new BranchSettlement.Settling(GROUP, RULES, engine)), 0);
        }

        /** As a partition writes it, of what is replayed now. */
        private boolean snapshot() {
            if (journal.isEmpty() || journal.get(journal.size() - 1).snapshot()) {
                return false;
            }
            List<ByteBuf> state = new ArrayList<>();
            DeliverySnapshot.write(
                    GROUP,
                    new GroupKey(SubscriptionKind.QUEUE, "in"),
                    null,
                    false,
                    engine,
                    record -> state.add(record.payload()));
            DeliverySnapshot.write(
                    branches,
                    List.of(new BranchSettlement.Settling(GROUP, RULES, engine)),
                    record -> state.add(record.payload()));
            journal.add(new Frame(state, false, true, spec));
            return true;
        }

        private boolean crash(int kept) {
            journal.subList(kept, journal.size()).clear();
            durable = kept;
            link++;
            index = new BranchIndex();
            engine = new GroupPartition(0);
            branches = newBranches();
            forwarded = (int) journal.stream().filter(Frame::forwards).count();
            spec = Spec.FIRST;
            for (int i = lastSnapshot(); i < journal.size(); i++) {
                journal.get(i).state().forEach(record -> DeliveryRecords.read(record.duplicate(), this));
                spec = journal.get(i).after();
            }
            spec = new Spec(
                    spec.place(), spec.count(), spec.place() == Place.BRANCH, spec.heuristic(), spec.branches());
            branches.onServing();
            return true;
        }

        private int lastSnapshot() {
            for (int i = journal.size() - 1; i >= 0; i--) {
                if (journal.get(i).snapshot()) {
                    return i;
                }
            }
            return 0;
        }

        @Override
        void check(List<Step> steps) {
            String history = steps.toString();
            places.add(spec.place());
            boolean isFinal = engine.lowWatermark() > 0;
            long pinned = engine.inFlight().pinned();
            boolean waits = !engine.available(0, 0, 1).isEmpty() || !held().isEmpty();
            assertEquals(spec.place() == Place.FORWARDED, isFinal, history + ": acknowledged");
            assertEquals(isFinal ? 1 : 0, forwarded, history + ": forwarded");
            assertEquals(spec.place() == Place.BRANCH ? 1 : 0, pinned, history + ": pinned");
            assertEquals(spec.place() == Place.QUEUE, waits, history + ": waiting");
            if (spec.branches() > 0) {
                PreparedBranch part = branches.find(current());
                State state = part == null ? null : part.state();
                State expected = spec.place() == Place.BRANCH ? State.PREPARED : spec.heuristic();
                assertEquals(expected, state, history + ": the branch");
                assertEquals(
                        state == State.PREPARED ? 1 : 0,
                        part == null ? 0 : part.sends().size(),
                        history + ": sends");
            }
            if (spec.place() != Place.FORWARDED) {
                assertEquals(spec.count(), count(), history + ": delivery count");
            }
        }

        /** Each step is checked already. */
        @Override
        void checkEnd(List<Step> history) {}

        private int count() {
            int[] known = new int[1];
            engine.forEachReceived(span -> known[0] = span.value());
            return known[0];
        }

        @Override
        String state() {
            StringBuilder text = new StringBuilder();
            text.append(spec)
                    .append(link)
                    .append(held().isEmpty())
                    .append(engine.inFlight().pinned());
            text.append(forwarded).append(count()).append(durable == 0 ? 0 : 1).append('|');
            for (int i = Math.max(0, durable - 1); i < journal.size(); i++) {
                Frame frame = journal.get(i);
                text.append(frame.snapshot()).append(frame.forwards()).append(frame.after());
                text.append(
                        frame.state().stream().map(record -> record.getByte(0)).toList());
            }
            text.append('|').append(lastSnapshot() > 0);
            return text.toString();
        }

        @Override
        public void onGroupCreated(int group, GroupKey key, long startOffset) {
            engine = new GroupPartition(startOffset);
        }

        @Override
        public void onGroupRemoved(int group) {
            throw new AssertionError("no group is removed");
        }

        @Override
        public void onAcquired(int group, long mark) {
            engine.replayAcquired(mark);
        }

        @Override
        public void onFinal(int group, long first, long last) {
            engine.replayFinal(first, last);
        }

        @Override
        public void onReceived(int group, long first, long last, int deliveryCount) {
            engine.replayReceived(first, last, deliveryCount);
        }

        @Override
        public void onAcquired(int group, long first, long last) {
            engine.replayAcquired(first, last);
        }

        @Override
        public void onDelayed(int group, long first, long last, long wakeMs) {
            engine.replayDelayed(first, last, wakeMs);
        }

        @Override
        public void onDoomed(int group, long first, long last, Death death) {
            engine.replayDoomed(first, last, death);
        }

        @Override
        public void onPaused(int group, boolean paused) {
            throw new AssertionError("no group is paused");
        }

        @Override
        public void onReset(int group, long startOffset) {
            throw new AssertionError("no group is reset");
        }

        @Override
        public void onBundle(UUID id, List<Long> baseOffsets) {
            throw new AssertionError("no bundle is recorded");
        }

        @Override
        public void onSubscription(int group, @Nullable String selector, boolean noLocal, long generation) {
            throw new AssertionError("there is no subscription");
        }

        @Override
        public void onPrepared(PreparedBranch part) {
            branches.put(part);
        }

        @Override
        public void onPinned(
                int group, BranchId branch, AckType type, long first, long last, int count, @Nullable String text) {
            engine.replayPinned(branches.holder(branch, type), first, last, count, text);
        }

        @Override
        public void onEnded(BranchId branch, @Nullable State heuristic) {
            branches.unpin(branch, List.of(engine));
            branches.end(branch, heuristic);
        }
    }

    @Test
    void everyHistoryKeepsTheMessageInExactlyOnePlace() {
        Set<Place> places = EnumSet.noneOf(Place.class);

        Explored<Step> explored = StateSpace.explore(Step.class, () -> new Run(places), DEPTH);

        assertEquals(EnumSet.allOf(Step.class), explored.taken());
        assertEquals(EnumSet.allOf(Place.class), places);
        assertTrue(explored.states() > 1_000, "only " + explored.states() + " states");
    }
}
