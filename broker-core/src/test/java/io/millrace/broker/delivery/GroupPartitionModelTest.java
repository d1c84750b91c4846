// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares {@link GroupPartition} with one entry for each offset, over random histories with crashes. */
class GroupPartitionModelTest {
    private static final int OFFSETS = 300;

    /** What the model knows of an offset. */
    private static final class Entry {
        private boolean isFinal;
        private boolean acquired;
        private boolean received;
        private boolean doomed;
        private long wakeMs;
        private Holder holder = new Holder(0, 0, 0);
        private long lease;
        private int count;
        private boolean redelivered;

        boolean isAvailable() {
            return !isFinal && !acquired && !doomed && wakeMs == 0;
        }

        void giveBack() {
            acquired = false;
            redelivered |= received;
            received = false;
        }

        void end() {
            isFinal = true;
            acquired = false;
            doomed = false;
            wakeMs = 0;
        }
    }

    /** A journalled state change. */
    private record Journalled(char kind, long first, long last, long number) {}

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final List<Entry> model = new ArrayList<>();
    private final List<Journalled> journal = new ArrayList<>();
    private GroupPartition group = new GroupPartition(0);
    private long nowMs = 1;
    private long lease;
    private String step = "";

    @Test
    void eachOffsetIsAvailableInFlightDelayedDoomedOrFinalExactlyOnce() {
        for (int i = 0; i < OFFSETS; i++) {
            model.add(new Entry());
        }
        for (int i = 0; i < 6_000; i++) {
            step = "seed " + seed + " step " + i;
            act();
            check();
        }
        crash();
        check();
    }

    private void act() {
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> acquire();
            case 4, 5 -> receive();
            case 6 -> finish();
            case 7 -> giveBack();
            case 8 -> closeSession();
            case 9 -> delay();
            case 10 -> redeliverLater();
            case 11 -> doom();
            case 12 -> drop();
            case 13, 14 -> wake();
            default -> {
                if (random.nextInt(20) == 0) {
                    crash();
                }
            }
        }
    }

    private Holder holder() {
        return new Holder(random.nextInt(2), random.nextInt(2), random.nextInt(2));
    }

    private int anyOffset() {
        return random.nextInt(OFFSETS);
    }

    private void acquire() {
        int from = anyOffset();
        OffsetRange free = group.firstAvailable(from, OFFSETS - 1);
        if (free == null) {
            return;
        }
        Holder holder = holder();
        long last = Math.min(free.last(), free.first() + random.nextInt(6));
        List<Span<Returned>> parts = group.acquire(holder, ++lease, free.first(), last, null, false);
        long at = free.first();
        for (Span<Returned> part : parts) {
            assertEquals(at, part.first(), step);
            for (; at <= part.last(); at++) {
                Entry entry = model.get((int) at);
                assertTrue(entry.isAvailable(), step + " offset " + at);
                assertEquals(new Returned(entry.count, entry.redelivered), part.value(), step + " offset " + at);
                entry.acquired = true;
                entry.holder = holder;
                entry.lease = lease;
            }
        }
        assertEquals(last + 1, at, step);
        journal.add(new Journalled('A', free.first(), last, 0));
    }

    private void receive() {
        for (Span<Acquired> span : someHeldBy(holder())) {
            if (span.value().received()) {
                continue;
            }
            int count = span.value().deliveryCount() + 1;
            group.replayReceived(span.first(), span.last(), count);
            journal.add(new Journalled('R', span.first(), span.last(), count));
            each(span.first(), span.last(), entry -> {
                entry.received = true;
                entry.count++;
            });
        }
    }

    private void finish() {
        for (Span<Acquired> span : someHeldBy(holder())) {
            group.replayFinal(span.first(), span.last());
            journal.add(new Journalled('F', span.first(), span.last(), 0));
            each(span.first(), span.last(), Entry::end);
        }
    }

    private void giveBack() {
        for (Span<Acquired> span : someHeldBy(holder())) {
            group.giveBack(span.first(), span.last());
            each(span.first(), span.last(), Entry::giveBack);
        }
    }

    private void closeSession() {
        Holder holder = holder();
        for (Span<Acquired> span :
                group.inFlight().where(held -> held.holder().inSession(holder.link(), holder.session()))) {
            group.giveBack(span.first(), span.last());
        }
        for (Entry entry : model) {
            if (entry.acquired && entry.holder.inSession(holder.link(), holder.session())) {
                entry.giveBack();
            }
        }
    }

    private void delay() {
        int first = anyOffset();
        int last = Math.min(OFFSETS - 1, first + random.nextInt(4));
        long wakeMs = nowMs + 1 + random.nextInt(20);
        group.delay(first, last, wakeMs);
        each(first, last, entry -> entry.wakeMs = entry.isAvailable() ? wakeMs : entry.wakeMs);
    }

    private void redeliverLater() {
        long wakeMs = nowMs + 1 + random.nextInt(20);
        for (Span<Acquired> span : someHeldBy(holder())) {
            group.replayDelayed(span.first(), span.last(), wakeMs);
            journal.add(new Journalled('D', span.first(), span.last(), wakeMs));
            each(span.first(), span.last(), entry -> {
                entry.giveBack();
                entry.wakeMs = wakeMs;
            });
        }
    }

    private void doom() {
        for (Span<Acquired> span : someHeldBy(holder())) {
            Death death = new Death(Death.Reason.REJECTED, span.value().deliveryCount());
            group.replayDoomed(span.first(), span.last(), death);
            journal.add(new Journalled('X', span.first(), span.last(), death.deliveryCount()));
            each(span.first(), span.last(), entry -> {
                entry.acquired = false;
                entry.doomed = true;
            });
        }
        List<Span<Death>> doomed = List.copyOf(group.doomed().spans());
        if (!doomed.isEmpty() && random.nextBoolean()) {
            Span<Death> moved = doomed.get(random.nextInt(doomed.size()));
            group.replayFinal(moved.first(), moved.last());
            journal.add(new Journalled('F', moved.first(), moved.last(), 0));
            each(moved.first(), moved.last(), entry -> {
                assertTrue(entry.doomed, step);
                entry.end();
            });
        }
    }

    private void drop() {
        if (random.nextInt(4) != 0) {
            return;
        }
        int offset = anyOffset();
        group.drop(offset, offset);
        Entry entry = model.get(offset);
        if (entry.isAvailable()) {
            // What is dropped is found out again after a crash; here it is journalled to keep the model simple.
            journal.add(new Journalled('F', offset, offset, 0));
            entry.end();
        }
    }

    private void wake() {
        nowMs += random.nextInt(4);
        group.wake(nowMs);
        for (Entry entry : model) {
            if (entry.wakeMs != 0 && entry.wakeMs <= nowMs) {
                entry.wakeMs = 0;
            }
        }
    }

    private List<Span<Acquired>> someHeldBy(Holder holder) {
        long wanted = lease - random.nextInt(5);
        int first = anyOffset();
        int last = Math.min(OFFSETS - 1, first + random.nextInt(60));
        List<Span<Acquired>> held = group.inFlight().held(holder, wanted, first, last);
        long expected = 0;
        for (int i = first; i <= last; i++) {
            Entry entry = model.get(i);
            if (entry.acquired && entry.lease == wanted && entry.holder.equals(holder)) {
                expected++;
            }
        }
        assertEquals(expected, held.stream().mapToLong(Span::count).sum(), step);
        return held;
    }

    /** Only what was journalled is left: of the delays, those of redeliveries. */
    private void crash() {
        group = new GroupPartition(0);
        for (Entry entry : model) {
            entry.wakeMs = 0;
            if (entry.acquired) {
                entry.giveBack();
            }
        }
        for (Journalled change : journal) {
            switch (change.kind()) {
                case 'A' -> {
                    group.replayAcquired(change.first(), change.last());
                    each(change.first(), change.last(), entry -> entry.redelivered = true);
                }
                case 'R' -> group.replayReceived(change.first(), change.last(), (int) change.number());
                case 'D' -> {
                    group.replayDelayed(change.first(), change.last(), change.number());
                    group.wake(nowMs);
                    if (change.number() > nowMs) {
                        each(change.first(), change.last(), entry -> {
                            entry.wakeMs = entry.isAvailable() ? change.number() : entry.wakeMs;
                        });
                    }
                }
                case 'X' ->
                    group.replayDoomed(
                            change.first(), change.last(), new Death(Death.Reason.REJECTED, (int) change.number()));
                default -> group.replayFinal(change.first(), change.last());
            }
        }
    }

    private void check() {
        long inFlight = 0;
        long done = model.stream().takeWhile(entry -> entry.isFinal).count();
        List<Long> available = new ArrayList<>();
        for (int i = 0; i < OFFSETS; i++) {
            Entry entry = model.get(i);
            inFlight += entry.acquired ? 1 : 0;
            if (entry.isAvailable()) {
                available.add((long) i);
            }
        }
        List<Long> found = new ArrayList<>();
        for (OffsetRange range : group.available(0, OFFSETS - 1, Integer.MAX_VALUE)) {
            for (long at = range.first(); at <= range.last(); at++) {
                found.add(at);
            }
        }
        assertEquals(available, found, step);
        assertEquals(inFlight, group.inFlight().count(), step);
        assertEquals(done, group.lowWatermark(), step);
    }

    private void each(long first, long last, java.util.function.Consumer<Entry> action) {
        for (long offset = first; offset <= last; offset++) {
            action.accept(model.get((int) offset));
        }
    }
}
