// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static io.millrace.broker.delivery.ShareAck.Type.ACCEPT;
import static io.millrace.broker.delivery.ShareAck.Type.GAP;
import static io.millrace.broker.delivery.ShareAck.Type.REJECT;
import static io.millrace.broker.delivery.ShareAck.Type.RELEASE;
import static io.millrace.broker.delivery.ShareAck.Type.RENEW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.delivery.ShareAcquired.Range;
import io.millrace.broker.partition.StateRecord;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Kafka's rules for records of a share group (KIP-932), without a partition. */
class ShareStateTest {
    private static final UUID ONE = new UUID(0, 1);
    private static final UUID TWO = new UUID(0, 2);
    private static final int LIMIT = 3;
    private static final long LOCK_MS = 100;

    private final List<byte[]> stream = new ArrayList<>();
    private ShareState state = new ShareState(1, 0);
    private long nowMs;

    @Test
    void acquiredRecordsAreNobodyElses() {
        assertEquals(List.of(new Range(0, 9, 1)), acquire(ONE, 0, 9));

        assertEquals(List.of(), acquire(TWO, 0, 9));
    }

    /** The first open gap among the final offsets may be taken whole: the next available offset lies behind it. */
    @Test
    void whatIsAvailableIsFoundBehindGapsThatAreTaken() {
        acquire(ONE, 0, 4);

        acknowledge(ONE, new ShareAck(1, 1, ACCEPT), new ShareAck(3, 3, ACCEPT));

        assertEquals(new OffsetRange(5, 9), state.engine().firstAvailable(0, 9));
    }

    @Test
    void theStartMovesOverWhatIsFinished() {
        acquire(ONE, 0, 9);

        acknowledge(ONE, new ShareAck(0, 3, ACCEPT), new ShareAck(4, 4, REJECT), new ShareAck(5, 5, GAP));

        assertEquals(6, state.engine().lowWatermark());
    }

    @Test
    void aReleasedRecordCountsOneDeliveryMore() {
        acquire(ONE, 0, 2);

        acknowledge(ONE, new ShareAck(0, 0, ACCEPT), new ShareAck(1, 1, RELEASE), new ShareAck(2, 2, REJECT));

        assertEquals(List.of(new Range(1, 1, 2)), acquire(TWO, 0, 2));
    }

    @Test
    void atTheDeliveryLimitARecordIsGivenUp() {
        for (int delivery = 1; delivery <= LIMIT; delivery++) {
            assertEquals(List.of(new Range(0, 0, delivery)), acquire(ONE, 0, 0));
            acknowledge(ONE, new ShareAck(0, 0, RELEASE));
        }

        assertEquals(List.of(), acquire(ONE, 0, 0));
        assertEquals(1, state.engine().lowWatermark());
    }

    @Test
    void aLockEndsWithItsTimeAndCounts() {
        acquire(ONE, 0, 1);
        nowMs = LOCK_MS / 2;
        acquire(TWO, 2, 3);
        nowMs = LOCK_MS;

        perform(state.expire(nowMs, LIMIT));

        assertEquals(List.of(new Range(0, 1, 2)), acquire(TWO, 0, 3));
        assertEquals(LOCK_MS + LOCK_MS / 2, state.nextDeadlineMs());
    }

    @Test
    void aRenewedLockEndsLater() {
        acquire(ONE, 0, 1);
        nowMs = LOCK_MS - 1;
        acknowledge(ONE, new ShareAck(1, 1, RENEW));
        nowMs = LOCK_MS;

        perform(state.expire(nowMs, LIMIT));

        assertEquals(List.of(new Range(0, 0, 2)), acquire(TWO, 0, 1));
        acknowledge(ONE, new ShareAck(1, 1, ACCEPT));
    }

    @Test
    void whoDoesNotHoldARecordCannotSettleIt() {
        acquire(ONE, 0, 4);

        assertRefused(ShareException.Code.INVALID_RECORD_STATE, TWO, new ShareAck(0, 0, ACCEPT));
        assertRefused(ShareException.Code.INVALID_REQUEST, ONE, new ShareAck(3, 9, ACCEPT));
    }

    @Test
    void anAcknowledgementThatIsPartlyWrongChangesNothing() {
        acquire(ONE, 0, 4);
        acknowledge(ONE, new ShareAck(2, 2, ACCEPT));

        assertRefused(
                ShareException.Code.INVALID_RECORD_STATE,
                ONE,
                new ShareAck(0, 1, ACCEPT),
                new ShareAck(2, 2, ACCEPT),
                new ShareAck(3, 3, RELEASE));

        assertEquals(0, state.engine().lowWatermark());
        assertEquals(List.of(), acquire(TWO, 0, 4));
        acknowledge(ONE, new ShareAck(0, 1, ACCEPT), new ShareAck(3, 4, ACCEPT));
        assertEquals(5, state.engine().lowWatermark());
    }

    @Test
    void whatIsBelowTheStartIsSettledAlready() {
        acquire(ONE, 0, 4);
        acknowledge(ONE, new ShareAck(0, 2, ACCEPT));

        acknowledge(ONE, new ShareAck(0, 4, ACCEPT));

        assertEquals(5, state.engine().lowWatermark());
    }

    @Test
    void aMembersEndReleasesWhatItHoldsOnly() {
        acquire(ONE, 0, 1);
        acquire(TWO, 2, 3);

        perform(state.release(ONE, LIMIT));

        assertEquals(List.of(new Range(0, 1, 2)), acquire(TWO, 0, 3));
    }

    @Test
    void recordsThatTheLogLostAreFinal() {
        acquire(ONE, 0, 4);

        state.trimTo(3);

        acknowledge(ONE, new ShareAck(0, 4, ACCEPT));
        assertEquals(5, state.engine().lowWatermark());
        assertEquals(Long.MAX_VALUE, state.nextDeadlineMs());
    }

    /** Against a plain map of offsets; now and then the state is rebuilt from its records, as after a crash. */
    @Test
    void anyRunOfCommandsIsWhatTheRulesSayAlsoAfterARebuild() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Integer, Model> model = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            model.put(i, new Model());
        }
        UUID[] members = {ONE, TWO};
        for (int step = 0; step < 3_000; step++) {
            String what = "seed " + seed + ", step " + step;
            UUID member = members[random.nextInt(2)];
            int first = random.nextInt(60);
            int last = Math.min(59, first + random.nextInt(6));
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    List<Integer> expected = new ArrayList<>();
                    for (int offset = first; offset <= last; offset++) {
                        if (model.get(offset).acquire(member, nowMs + LOCK_MS)) {
                            expected.add(offset * 100 + model.get(offset).count + 1);
                        }
                    }
                    List<Integer> got = new ArrayList<>();
                    for (Range range : acquire(member, first, last)) {
                        for (long offset = range.first(); offset <= range.last(); offset++) {
                            got.add((int) offset * 100 + range.deliveryCount());
                        }
                    }
                    assertEquals(expected, got, what);
                }
                case 2 -> {
                    ShareAck.Type type =
                            List.of(GAP, ACCEPT, RELEASE, REJECT, RENEW).get(random.nextInt(5));
                    if (holdsAll(model, member, first, last)) {
                        acknowledge(member, new ShareAck(first, last, type));
                        for (int offset = first; offset <= last; offset++) {
                            model.get(offset).settle(type, nowMs + LOCK_MS);
                        }
                    }
                }
                case 3 -> {
                    nowMs += random.nextInt(30);
                    perform(state.expire(nowMs, LIMIT));
                    model.values().forEach(one -> one.expire(nowMs));
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        state = rebuilt();
                        model.values().forEach(one -> one.holder = null);
                    } else if (random.nextInt(10) == 0) {
                        perform(state.release(member, LIMIT));
                        model.values().forEach(one -> one.releaseIf(member));
                    }
                }
            }
        }
    }

    private static boolean holdsAll(Map<Integer, Model> model, UUID member, int first, int last) {
        for (int offset = first; offset <= last; offset++) {
            if (!member.equals(model.get(offset).holder)) {
                return false;
            }
        }
        return true;
    }

    /** One record by the letter of the KIP. */
    private static final class Model {
        private UUID holder;
        private long deadlineMs;
        private int count;
        private boolean done;

        boolean acquire(UUID member, long newDeadlineMs) {
            if (done || holder != null) {
                return false;
            }
            holder = member;
            deadlineMs = newDeadlineMs;
            return true;
        }

        void settle(ShareAck.Type type, long renewedMs) {
            switch (type) {
                case GAP, ACCEPT, REJECT -> {
                    holder = null;
                    done = true;
                }
                case RELEASE -> release();
                case RENEW -> deadlineMs = renewedMs;
            }
        }

        void release() {
            holder = null;
            count++;
            done = count >= LIMIT;
        }

        void expire(long now) {
            if (holder != null && deadlineMs <= now) {
                release();
            }
        }

        void releaseIf(UUID member) {
            if (member.equals(holder)) {
                release();
            }
        }
    }

    private List<Range> acquire(UUID member, long first, long last) {
        List<Range> joined = new ArrayList<>();
        for (Range range : state.acquire(member, first, last, Long.MAX_VALUE, nowMs + LOCK_MS)) {
            Range before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (before != null
                    && before.last() == range.first() - 1
                    && before.deliveryCount() == range.deliveryCount()) {
                joined.set(joined.size() - 1, new Range(before.first(), range.last(), range.deliveryCount()));
            } else {
                joined.add(range);
            }
        }
        return joined;
    }

    private void acknowledge(UUID member, ShareAck... acks) {
        perform(state.acknowledge(member, List.of(acks), LIMIT, nowMs + LOCK_MS));
    }

    private void assertRefused(ShareException.Code code, UUID member, ShareAck... acks) {
        ShareException refused = assertThrows(ShareException.class, () -> acknowledge(member, acks));
        assertEquals(code, refused.code());
    }

    private void perform(ShareState.Change change) {
        for (StateRecord record : change.records()) {
            byte[] bytes = new byte[record.payload().readableBytes()];
            record.payload().getBytes(record.payload().readerIndex(), bytes);
            stream.add(bytes);
            record.payload().release();
            replay(state, bytes);
        }
        change.back().forEach(state::giveBack);
    }

    private ShareState rebuilt() {
        ShareState fresh = new ShareState(1, 0);
        stream.forEach(bytes -> replay(fresh, bytes));
        return fresh;
    }

    private static void replay(ShareState into, byte[] bytes) {
        ShareRecords.read(Unpooled.wrappedBuffer(bytes), new ShareRecords.Visitor() {
            @Override
            public void onCreated(int group, String groupId, long startOffset) {
                throw new AssertionError("nothing creates a group here");
            }

            @Override
            public void onRemoved(int group) {
                throw new AssertionError("nothing removes a group here");
            }

            @Override
            public void onFinal(int group, long first, long last) {
                into.replayFinal(first, last);
            }

            @Override
            public void onDelivered(int group, long first, long last, int deliveryCount) {
                into.replayDelivered(first, last, deliveryCount);
            }
        });
    }
}
