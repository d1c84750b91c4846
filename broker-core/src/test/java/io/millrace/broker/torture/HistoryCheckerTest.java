// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Each rule of the checker, broken once. */
class HistoryCheckerTest {
    private static final TopicPartition LOG = new TopicPartition("log", 0);
    private static final String GROUP = "group";
    private static final Sender ONCE = new Sender(1, true);
    private static final Sender OFTEN = new Sender(2, false);

    private final List<Event> events = new ArrayList<>();
    private final List<Found> log = new ArrayList<>();

    private void sent(Sender sender, int... positions) {
        for (int position : positions) {
            events.add(new Event.Sent(sender, LOG, position));
        }
    }

    private void acknowledged(Sender sender, int position, long offset) {
        events.add(new Event.Acknowledged(sender, LOG, position, offset));
    }

    private void holds(Sender sender, int... positions) {
        for (int position : positions) {
            log.add(new Found(log.size(), sender.number(), position, true));
        }
    }

    private List<String> violations() {
        return HistoryChecker.check(events, Map.of(LOG, log));
    }

    private void assertViolated(String rule) {
        List<String> violations = violations();
        assertEquals(1, violations.size(), violations.toString());
        assertTrue(violations.get(0).contains(rule), violations.toString());
    }

    @Test
    void soundHistoryPasses() {
        sent(ONCE, 0, 1, 2);
        sent(OFTEN, 0);
        acknowledged(ONCE, 0, 0);
        events.add(new Event.Seen("tail", LOG, new Found(0, 1, 0, true)));
        acknowledged(OFTEN, 0, 3);
        acknowledged(ONCE, 1, Event.UNKNOWN);
        events.add(new Event.EndSeen(LOG, 4, events.size()));
        events.add(new Event.CommitSent(GROUP, LOG, 3));
        events.add(new Event.CommitAcknowledged(GROUP, LOG, 3));
        events.add(new Event.CommitSeen(GROUP, LOG, 3, events.size()));
        holds(ONCE, 0, 1);
        holds(OFTEN, 0, 0);

        assertEquals(List.of(), violations());
    }

    @Test
    void findsALostRecord() {
        sent(ONCE, 0, 1);
        acknowledged(ONCE, 0, 0);
        acknowledged(ONCE, 1, 1);
        holds(ONCE, 0);
        assertViolated("lost or moved");
    }

    @Test
    void findsALostRecordWithoutOffset() {
        sent(ONCE, 0);
        acknowledged(ONCE, 0, Event.UNKNOWN);
        assertViolated("lost or moved");
    }

    @Test
    void findsARecordAtAnotherOffset() {
        sent(OFTEN, 0, 1);
        acknowledged(OFTEN, 0, 1);
        holds(OFTEN, 0, 1);
        assertViolated("lost or moved");
    }

    @Test
    void findsADuplicateOfExactlyOnce() {
        sent(ONCE, 0);
        holds(ONCE, 0, 0);
        assertViolated("holds twice");
    }

    @Test
    void findsRecordsOutOfOrder() {
        sent(ONCE, 0, 1);
        holds(ONCE, 1, 0);
        assertViolated("out of order");
    }

    @Test
    void findsAGapBetweenOffsets() {
        sent(ONCE, 0, 1);
        holds(ONCE, 0);
        log.add(new Found(2, 1, 1, true));
        assertViolated("goes on at offset 2");
    }

    @Test
    void findsAlteredBytesAndWhatNobodySent() {
        sent(ONCE, 0);
        log.add(new Found(0, 1, 0, false));
        assertViolated("other bytes");
        log.set(0, new Found(0, 7, 0, true));
        assertViolated("nobody sent");
    }

    @Test
    void findsAReadRecordThatChanged() {
        sent(ONCE, 0, 1);
        events.add(new Event.Seen("tail", LOG, new Found(0, 1, 1, true)));
        holds(ONCE, 0, 1);
        assertViolated("read once");
    }

    @Test
    void findsAReaderThatSkipped() {
        sent(ONCE, 0, 1, 2);
        events.add(new Event.Seen("tail", LOG, new Found(0, 1, 0, true)));
        events.add(new Event.Seen("tail", LOG, new Found(2, 1, 2, true)));
        holds(ONCE, 0, 1, 2);
        assertViolated("read instead of offset 1");
    }

    @Test
    void findsAnEndThatWentBack() {
        events.add(new Event.EndSeen(LOG, 7, 0));
        events.add(new Event.EndSeen(LOG, 6, 1));
        assertViolated("went back below 7");
    }

    @Test
    void findsAnEndBelowWhatWasAcknowledgedBeforeItWasAskedFor() {
        sent(ONCE, 0);
        acknowledged(ONCE, 0, 0);
        holds(ONCE, 0);
        events.add(new Event.EndSeen(LOG, 0, 1));
        assertEquals(List.of(), violations());
        events.add(new Event.EndSeen(LOG, 0, 2));
        assertViolated("went back below 1");
    }

    @Test
    void findsAGroupThatWentBackOrWasMoved() {
        events.add(new Event.CommitSent(GROUP, LOG, 5));
        events.add(new Event.CommitAcknowledged(GROUP, LOG, 5));
        events.add(new Event.CommitSeen(GROUP, LOG, 4, 2));
        assertViolated("the group went back below 5");
        events.set(2, new Event.CommitSeen(GROUP, LOG, 6, 2));
        assertViolated("nobody committed");
    }

    @Test
    void findsARecordThatAnExactlyOnceSenderWasRefused() {
        sent(ONCE, 0);
        events.add(new Event.Failed(ONCE, LOG, 0, "refused"));
        sent(OFTEN, 0);
        events.add(new Event.Failed(OFTEN, LOG, 0, "refused"));
        assertViolated("refused");
    }
}
