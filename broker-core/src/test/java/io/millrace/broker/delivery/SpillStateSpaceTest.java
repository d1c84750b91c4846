// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.PartitionSpills.Applying;
import io.millrace.broker.delivery.StateSpace.Explored;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * All histories of two committed transactions whose sends lie on the disk, and of plain sends between, on one partition:
 * applied message by message, synced or not, with snapshots and crashes that keep all or only what was synced. In each
 * state a reader sees a transaction as a whole or not at all, and from each state both come to their end, once, in the order
 * of their commits.
 */
class SpillStateSpaceTest {
    private static final PartitionId PARTITION = new PartitionId(new UUID(0, 1), "out", 0);
    private static final List<Spilled> BUNDLES =
            List.of(new Spilled(new UUID(0, 10), 3, 3, 3), new Spilled(new UUID(0, 20), 2, 2, 2));
    private static final int PLAIN = 1;
    private static final int CRASHES = 1;
    private static final int SNAPSHOTS = 1;

    private enum Step {
        COMMIT_FIRST,
        COMMIT_SECOND,
        SEND,
        APPLY,
        SYNC,
        SNAPSHOT,
        CRASH_KEEPING_ALL,
        CRASH
    }

    /** One append: its state, and the messages that go to the partition's data. */
    private record Frame(List<ByteBuf> state, List<String> messages, boolean snapshot) {
        @Override
        public String toString() {
            return messages + (snapshot ? "!" : "") + state.size();
        }
    }

    private static final class World extends StateSpace.World<Step> {
        private final List<Frame> journal = new ArrayList<>();
        private int durable;
        private int crashes;
        private int snapshots;
        private int sent;
        private List<String> data = new ArrayList<>();
        private PartitionSpills spills = new PartitionSpills(PARTITION, new SpillIndex());
        private final Set<UUID> committed = new HashSet<>();
        private @Nullable UUID current;

        private void append(List<String> messages, boolean snapshot, List<StateRecord> records) {
            Frame frame = new Frame(payloads(records), messages, snapshot);
            journal.add(frame);
            apply(frame);
        }

        private void apply(Frame frame) {
            data.addAll(frame.messages);
            if (frame.snapshot) {
                spills = new PartitionSpills(PARTITION, new SpillIndex());
            }
            for (ByteBuf state : frame.state) {
                ByteBuf in = state.duplicate();
                BranchRecords.read(in.readByte(), in.readInt(), in, this);
            }
        }

        @Override
        boolean act(Step step) {
            return switch (step) {
                case COMMIT_FIRST -> commit(BUNDLES.get(0));
                case COMMIT_SECOND -> commit(BUNDLES.get(1));
                case SEND -> send();
                case APPLY -> applyPiece();
                case SYNC -> sync();
                case SNAPSHOT -> snapshot();
                case CRASH_KEEPING_ALL -> crash(journal.size());
                case CRASH -> durable < journal.size() && crash(durable);
            };
        }

        private boolean commit(Spilled spilled) {
            if (!committed.add(spilled.log())) {
                return false;
            }
            append(List.of(), false, List.of(BranchRecords.applying(Applying.of(spilled.log(), spilled))));
            return true;
        }

        private boolean send() {
            if (sent >= PLAIN) {
                return false;
            }
            append(List.of("plain" + sent++), false, List.of());
            return true;
        }

        /** As {@link SpillApplier}: the commit has to be durable, for whoever begins. */
        private boolean applyPiece() {
            if (current == null) {
                if (durable < journal.size() && spills.all().size() > 0 && !isCommitDurable()) {
                    return false;
                }
                Applying first = spills.takeUp();
                if (first == null) {
                    return false;
                }
                current = first.spilled().log();
            }
            Applying at = spills.find(current);
            if (at == null) {
                current = null;
                spills.putDown();
                return true;
            }
            long next = at.next() + 1;
            append(
                    List.of(name(current) + at.next()),
                    false,
                    List.of(BranchRecords.applied(current, next, data.size(), data.size() + 1L)));
            return true;
        }

        private boolean isCommitDurable() {
            World after = new World();
            journal.subList(0, durable).forEach(after::apply);
            return after.spills.all().size() >= spills.all().size();
        }

        private static String name(UUID log) {
            return log.getLeastSignificantBits() == 10 ? "a" : "b";
        }

        private boolean sync() {
            if (durable == journal.size()) {
                return false;
            }
            durable++;
            spills.onHighWatermark(durableEnd());
            return true;
        }

        private boolean snapshot() {
            if (snapshots >= SNAPSHOTS || spills.all().isEmpty()) {
                return false;
            }
            snapshots++;
            journal.add(new Frame(
                    payloads(spills.all().stream().map(BranchRecords::applying).toList()),
                    List.of(),
                    true)); // replayed at recovery only
            return true;
        }

        private boolean crash(int kept) {
            if (crashes >= CRASHES) {
                return false;
            }
            crashes++;
            List<Frame> left = List.copyOf(journal.subList(0, kept));
            journal.clear();
            data = new ArrayList<>();
            spills = new PartitionSpills(PARTITION, new SpillIndex());
            current = null;
            committed.clear();
            for (Frame frame : left) {
                journal.add(frame);
                apply(frame);
            }
            durable = kept;
            sent = (int)
                    data.stream().filter(message -> message.startsWith("plain")).count();
            return true;
        }

        private long durableEnd() {
            return journal.subList(0, durable).stream()
                    .mapToLong(frame -> frame.messages.size())
                    .sum();
        }

        List<String> visible() {
            return data.subList(0, (int) spills.stable(durableEnd()));
        }

        @Override
        String state() {
            return journal + " " + durable + " " + crashes + " " + snapshots + " " + current + spills.all() + committed
                    + visible().size();
        }

        @Override
        public void onApplying(Applying of) {
            committed.add(of.spilled().log());
            spills.begin(of);
        }

        @Override
        public void onApplied(UUID log, long next, long dataFirst, long dataEnd) {
            committed.add(log);
            spills.applied(log, next, dataFirst, dataEnd);
        }

        @Override
        void check(List<Step> history) {
            List<String> seen = visible();
            for (Spilled bundle : BUNDLES) {
                String name = name(bundle.log());
                List<String> of = seen.stream()
                        .filter(message -> message.startsWith(name))
                        .toList();
                List<String> all = new ArrayList<>();
                for (int i = 0; i < bundle.messages(); i++) {
                    all.add(name + i);
                }
                assertTrue(of.isEmpty() || of.equals(all), () -> seen + " after " + history);
            }
        }

        /** Both that are committed, whole, in their order. */
        @Override
        void checkEnd(List<Step> history) {
            List<UUID> order =
                    spills.all().stream().map(one -> one.spilled().log()).toList();
            while (act(Step.SYNC) || act(Step.APPLY)) {
                check(history);
            }
            assertEquals(data, visible(), () -> "all is to be seen in the end, after " + history);
            for (Spilled bundle : BUNDLES) {
                boolean there = data.contains(name(bundle.log()) + "0");
                assertEquals(committed.contains(bundle.log()), there, () -> data + " after " + history);
            }
            if (order.size() == 2) {
                int first = data.indexOf(name(order.get(0)) + "0");
                int second = data.indexOf(name(order.get(1)) + "0");
                assertTrue(first < second, () -> data + " after " + history);
            }
        }
    }

    @Test
    void inEveryHistoryTransactionsAreSeenAsAWholeAndComeToTheirEnd() {
        Explored<Step> explored = StateSpace.explore(Step.class, World::new, Integer.MAX_VALUE);

        assertEquals(EnumSet.allOf(Step.class), explored.taken());
        assertTrue(explored.states() > 1_000, explored.states() + " states");
    }
}
