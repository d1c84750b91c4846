// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.PartitionSpills.Applying;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ListBranches.State;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Explores every history of a small world of the broker's own records and state machines, the shortest first. */
final class StateSpace {
    private StateSpace() {}

    /**
     * What steps change. A kind of record that it does not override must not be replayed.
     *
     * @param <S> what can happen
     */
    abstract static class World<S> implements BranchRecords.Visitor {
        /** Does a step; {@code false} when it is not possible now. Such a world is not used any more. */
        abstract boolean act(S step);

        /** All that decides what can happen next: of two worlds with one state, one is followed. */
        abstract String state();

        /** Asserts what holds at all times, and changes nothing. */
        abstract void check(List<S> history);

        /** Asserts what holds in the end: does all that is left to be done, on this world, which is used for nothing else. */
        abstract void checkEnd(List<S> history);

        /** What a journal keeps of records. */
        static List<ByteBuf> payloads(List<StateRecord> records) {
            return records.stream()
                    .map(record -> Unpooled.copiedBuffer(record.payload()))
                    .toList();
        }

        @Override
        public void onPrepared(PreparedBranch part) {
            throw new AssertionError("nothing is prepared here");
        }

        @Override
        public void onPinned(
                int group, BranchId branch, AckType type, long first, long last, int count, @Nullable String text) {
            throw new AssertionError("nothing is pinned here");
        }

        @Override
        public void onEnded(BranchId branch, @Nullable State heuristic) {
            throw new AssertionError("nothing is ended here");
        }

        @Override
        public void onDecided(UUID bundle, List<Commit.Participant> participants) {
            throw new AssertionError("nothing is decided here");
        }

        @Override
        public void onForgotten(UUID bundle) {
            throw new AssertionError("nothing is forgotten here");
        }

        @Override
        public void onApplying(Applying committed) {
            throw new AssertionError("nothing is on the disk here");
        }

        @Override
        public void onApplied(UUID log, long next, long dataFirst, long dataEnd) {
            throw new AssertionError("nothing is on the disk here");
        }
    }

    /**
     * What was found.
     *
     * @param states how many
     * @param taken the steps that were possible in one of them
     */
    record Explored<S extends Enum<S>>(int states, Set<S> taken) {}

    /**
     * Does every step in every state.
     *
     * @param start makes the world in which nothing has happened
     * @param depth steps of the longest history
     */
    static <S extends Enum<S>> Explored<S> explore(Class<S> steps, Supplier<? extends World<S>> start, int depth) {
        Set<String> seen = new HashSet<>();
        Set<S> taken = EnumSet.noneOf(steps);
        Deque<List<S>> waiting = new ArrayDeque<>(List.of(List.of()));
        while (!waiting.isEmpty()) {
            List<S> history = waiting.remove();
            for (S step : EnumSet.allOf(steps)) {
                List<S> longer = new ArrayList<>(history);
                longer.add(step);
                World<S> world = run(start.get(), longer);
                if (world == null) {
                    continue;
                }
                taken.add(step);
                world.check(longer);
                if (seen.add(world.state())) {
                    world.checkEnd(longer);
                    if (longer.size() < depth) {
                        waiting.add(longer);
                    }
                }
            }
        }
        System.out.println(steps.getEnclosingClass().getSimpleName() + ": " + seen.size() + " states");
        return new Explored<>(seen.size(), taken);
    }

    private static <S> @Nullable World<S> run(World<S> world, List<S> history) {
        for (S step : history) {
            if (!world.act(step)) {
                return null;
            }
        }
        return world;
    }
}
