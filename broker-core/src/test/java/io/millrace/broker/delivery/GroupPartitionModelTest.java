// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
        private boolean gap;
        private boolean isFinal;
        private boolean acquired;
        private boolean everDelivered;
        private boolean received;
        private Holder holder = new Holder(0, 0, 0);
        private long lease;
        private int count;
        private boolean redelivered;

        void giveBack() {
            acquired = false;
            redelivered |= received;
            received = false;
        }
    }

    /** A journalled state change. */
    private record Journalled(char kind, long first, long last, int count) {}

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final List<Entry> model = new ArrayList<>();
    private final List<Journalled> journal = new ArrayList<>();
    private GroupPartition group = new GroupPartition(0);
    private int highWatermark;
    private long lease;
    private String step = "";

    @Test
    void eachOffsetIsAvailableInFlightOrFinalExactlyOnce() {
        for (int i = 0; i < OFFSETS; i++) {
            Entry entry = new Entry();
            entry.gap = random.nextInt(10) == 0;
            model.add(entry);
        }
        for (int i = 0; i < 4_000; i++) {
            step = "seed " + seed + " step " + i;
            act();
            check();
        }
        highWatermark = OFFSETS;
        crash();
        for (int i = 0; i < OFFSETS && group.lowWatermark() < OFFSETS; i++) {
            step = "seed " + seed + " end " + i;
            claim();
            acceptAll();
            check();
        }
        assertEquals(OFFSETS, group.lowWatermark(), step);
        assertEquals(0, group.inFlightCount(), step);
    }

    private void act() {
        switch (random.nextInt(12)) {
            case 0, 1 -> highWatermark = Math.min(OFFSETS, highWatermark + random.nextInt(6));
            case 2, 3, 4 -> claim();
            case 5, 6 -> receive();
            case 7, 8 -> settle(random.nextInt(4) != 0);
            case 9 -> releaseSome();
            case 10 -> closeConsumer();
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

    private void claim() {
        Holder holder = holder();
        int max = 1 + random.nextInt(12);
        Claim claim = group.claim(holder, ++lease, max, highWatermark);
        List<Integer> expected = availableInOrder(max);
        if (claim == null) {
            assertTrue(expected.isEmpty(), step);
            return;
        }
        List<Integer> taken = new ArrayList<>();
        for (Span<Returned> span : claim.spans()) {
            for (long offset = span.first(); offset <= span.last(); offset++) {
                taken.add((int) offset);
                Entry entry = model.get((int) offset);
                assertEquals(entry.count, span.value().deliveryCount(), step + " offset " + offset);
                assertEquals(entry.redelivered, span.value().redelivered(), step + " offset " + offset);
            }
        }
        assertEquals(expected, taken, step);
        complete(claim, random.nextInt(3) == 0 ? random.nextInt(taken.size() + 1) : taken.size());
    }

    private void complete(Claim claim, int looked) {
        int left = looked;
        int spans = 0;
        long examinedTo = 0;
        List<OffsetRange> delivered = new ArrayList<>();
        for (Span<Returned> span : claim.spans()) {
            for (long offset = span.first(); offset <= span.last() && left > 0; offset++) {
                left--;
                examinedTo = offset + 1;
                Entry entry = model.get((int) offset);
                if (entry.gap) {
                    entry.isFinal = true;
                    continue;
                }
                delivered.add(new OffsetRange(offset, offset));
                entry.acquired = true;
                entry.everDelivered = true;
                entry.received = false;
                entry.holder = claim.holder();
                entry.lease = claim.lease();
            }
            if (left == 0 && examinedTo <= span.last()) {
                break;
            }
            spans++;
        }
        group.complete(claim, spans, examinedTo, delivered);
        if (!delivered.isEmpty()) {
            long mark = delivered.stream().mapToLong(OffsetRange::last).max().orElseThrow() + 1;
            journal.add(new Journalled('A', mark, 0, 0));
        }
    }

    private List<Integer> availableInOrder(int max) {
        List<Integer> offsets = new ArrayList<>();
        for (int i = 0; i < highWatermark && offsets.size() < max; i++) {
            if (!model.get(i).isFinal && !model.get(i).acquired) {
                offsets.add(i);
            }
        }
        return offsets;
    }

    private void receive() {
        Holder holder = holder();
        for (Span<Acquired> span : someHeldBy(holder)) {
            if (span.value().received()) {
                continue;
            }
            int count = span.value().deliveryCount() + 1;
            group.replayReceived(span.first(), span.last(), count);
            journal.add(new Journalled('R', span.first(), span.last(), count));
            each(span, entry -> {
                entry.received = true;
                entry.count++;
            });
        }
    }

    private void settle(boolean all) {
        Holder holder = holder();
        for (Span<Acquired> span : someHeldBy(holder)) {
            if (all || span.value().received()) {
                group.replayFinal(span.first(), span.last());
                journal.add(new Journalled('F', span.first(), span.last(), 0));
                each(span, entry -> {
                    entry.isFinal = true;
                    entry.acquired = false;
                });
            }
        }
    }

    private void acceptAll() {
        for (Span<Acquired> span : group.inFlightWhere(any -> true)) {
            group.replayFinal(span.first(), span.last());
            each(span, entry -> {
                entry.isFinal = true;
                entry.acquired = false;
            });
        }
    }

    private List<Span<Acquired>> someHeldBy(Holder holder) {
        long wanted = lease - random.nextInt(5);
        int first = random.nextInt(OFFSETS);
        int last = Math.min(OFFSETS - 1, first + random.nextInt(60));
        List<Span<Acquired>> held = group.held(holder, wanted, first, last);
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

    private void releaseSome() {
        Holder holder = holder();
        for (Span<Acquired> span : someHeldBy(holder)) {
            group.release(holder, span.value().lease(), span.first(), span.last());
            each(span, Entry::giveBack);
        }
    }

    private void closeConsumer() {
        Holder holder = holder();
        boolean session = random.nextBoolean();
        if (session) {
            group.releaseSession(holder.link(), holder.session());
        } else {
            group.releaseBuffered(holder);
        }
        for (Entry entry : model) {
            boolean mine = session
                    ? entry.holder.inSession(holder.link(), holder.session())
                    : entry.holder.equals(holder) && !entry.received;
            if (entry.acquired && mine) {
                entry.giveBack();
            }
        }
    }

    private void crash() {
        rebuild();
        long mark = journal.stream()
                .filter(change -> change.kind() == 'A')
                .mapToLong(Journalled::first)
                .max()
                .orElse(0);
        for (int i = 0; i < OFFSETS; i++) {
            Entry entry = model.get(i);
            entry.giveBack();
            entry.redelivered = i < mark;
            if (entry.gap) {
                entry.isFinal = false;
                entry.count = 0;
            }
            assertFalse(entry.everDelivered && !entry.redelivered, step);
        }
    }

    private void rebuild() {
        group = new GroupPartition(0);
        for (Journalled change : journal) {
            switch (change.kind()) {
                case 'A' -> group.replayAcquired(change.first());
                case 'R' -> group.replayReceived(change.first(), change.last(), change.count());
                default -> group.replayFinal(change.first(), change.last());
            }
        }
    }

    private void check() {
        long inFlight = model.stream().filter(entry -> entry.acquired).count();
        long done = model.stream().takeWhile(entry -> entry.isFinal).count();
        long available = 0;
        for (int i = 0; i < highWatermark; i++) {
            Entry entry = model.get(i);
            if (!entry.isFinal && !entry.acquired) {
                available++;
            }
        }
        assertEquals(inFlight, group.inFlightCount(), step);
        assertEquals(done, group.lowWatermark(), step);
        assertEquals(available, group.available(highWatermark), step);
    }

    private void each(Span<Acquired> span, java.util.function.Consumer<Entry> action) {
        for (long offset = span.first(); offset <= span.last(); offset++) {
            action.accept(model.get((int) offset));
        }
    }
}
