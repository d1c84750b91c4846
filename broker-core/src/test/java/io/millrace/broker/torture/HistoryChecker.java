// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Holds a history against the logs as they are read in the end. Pure. The rules:
 *
 * <ul>
 *   <li>offsets are dense from 0, each value is what its sender gave it, and nothing is there that nobody sent;
 *   <li>an acknowledged record is at the offset that the acknowledgement named;
 *   <li>a sender of exactly-once has each record there at most once, in the order of sending, and loses none;
 *   <li>a record that a reader got is still at its offset, and a reader of a partition meets each offset in turn;
 *   <li>an end offset is above all that was acknowledged or read, and not below an end that was told before;
 *   <li>a group's offset is not below an acknowledged commit, and not above any that was sent.
 * </ul>
 */
final class HistoryChecker {
    private static final int MOST_VIOLATIONS = 50;

    private final List<Event> events;
    private final Map<TopicPartition, List<Found>> logs;
    private final List<String> violations = new ArrayList<>();

    private record Identity(int sender, TopicPartition partition, int position) {}

    private record Owner(String name, TopicPartition partition) {}

    private HistoryChecker(List<Event> events, Map<TopicPartition, List<Found>> logs) {
        this.events = events;
        this.logs = logs;
    }

    /** The violations, at most {@value #MOST_VIOLATIONS}; none when all is well. */
    static List<String> check(List<Event> events, Map<TopicPartition, List<Found>> logs) {
        HistoryChecker checker = new HistoryChecker(events, logs);
        checker.checkLogs();
        checker.checkSends();
        checker.checkReaders();
        checker.checkEnds();
        checker.checkCommits();
        return checker.violations;
    }

    private void violated(String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add(what);
        }
    }

    private void checkLogs() {
        Map<Identity, Sender> sent = new HashMap<>();
        for (Event event : events) {
            if (event instanceof Event.Sent send) {
                sent.put(new Identity(send.by().number(), send.to(), send.position()), send.by());
            }
        }
        logs.forEach((partition, records) -> checkLog(partition, records, sent));
    }

    private void checkLog(TopicPartition partition, List<Found> records, Map<Identity, Sender> sent) {
        Map<Integer, Integer> latest = new HashMap<>();
        Set<Identity> seen = new HashSet<>();
        long expected = 0;
        for (Found record : records) {
            if (record.offset() != expected) {
                violated("%s goes on at offset %d instead of %d".formatted(partition, record.offset(), expected));
            }
            expected = record.offset() + 1;
            Identity identity = new Identity(record.sender(), partition, record.position());
            Sender sender = sent.get(identity);
            if (!record.sound()) {
                violated("%s holds other bytes than were sent: %s".formatted(partition, record));
            } else if (sender == null) {
                violated("%s holds what nobody sent: %s".formatted(partition, record));
            } else if (sender.exactlyOnce()) {
                if (!seen.add(identity)) {
                    violated("%s holds twice: %s".formatted(partition, record));
                }
                Integer before = latest.put(record.sender(), record.position());
                if (before != null && before > record.position()) {
                    violated("%s is out of order after position %d: %s".formatted(partition, before, record));
                }
            }
        }
    }

    private void checkSends() {
        Set<Identity> present = new HashSet<>();
        logs.forEach((partition, records) ->
                records.forEach(record -> present.add(new Identity(record.sender(), partition, record.position()))));
        for (Event event : events) {
            if (event instanceof Event.Acknowledged told) {
                Found record = told.offset() == Event.UNKNOWN ? null : at(told.to(), told.offset());
                boolean there = told.offset() == Event.UNKNOWN
                        ? present.contains(new Identity(told.by().number(), told.to(), told.position()))
                        : record != null
                                && record.sender() == told.by().number()
                                && record.position() == told.position();
                if (!there) {
                    violated("lost or moved: %s; there is %s".formatted(told, record));
                }
            } else if (event instanceof Event.Failed failed && failed.by().exactlyOnce()) {
                violated("refused: %s".formatted(failed));
            }
        }
    }

    private Found at(TopicPartition partition, long offset) {
        List<Found> records = logs.getOrDefault(partition, List.of());
        return offset < records.size() ? records.get((int) offset) : null;
    }

    private void checkReaders() {
        Map<Owner, Long> next = new HashMap<>();
        for (Event event : events) {
            if (event instanceof Event.Seen seen) {
                long offset = seen.record().offset();
                if (!seen.record().equals(at(seen.in(), offset))) {
                    violated("read once, now there is %s: %s".formatted(at(seen.in(), offset), seen));
                }
                Long expected = next.put(new Owner(seen.reader(), seen.in()), offset + 1);
                if (expected != null && expected != offset) {
                    violated("read instead of offset %d: %s".formatted(expected, seen));
                }
            }
        }
    }

    private void checkEnds() {
        Map<TopicPartition, Floor> floors = new HashMap<>();
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            if (event instanceof Event.Acknowledged told && told.offset() != Event.UNKNOWN) {
                floor(floors, told.to()).raise(i, told.offset() + 1);
            } else if (event instanceof Event.Seen seen) {
                floor(floors, seen.in()).raise(i, seen.record().offset() + 1);
            } else if (event instanceof Event.EndSeen end) {
                long least = floor(floors, end.of()).at(end.askedAt());
                if (end.end() < least) {
                    violated("the end went back below %d: %s".formatted(least, end));
                }
                floor(floors, end.of()).raise(i, end.end());
            }
        }
    }

    private void checkCommits() {
        Map<Owner, Floor> acknowledged = new HashMap<>();
        Map<Owner, Long> sent = new HashMap<>();
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            if (event instanceof Event.CommitSent commit) {
                sent.merge(new Owner(commit.group(), commit.of()), commit.offset(), Math::max);
            } else if (event instanceof Event.CommitAcknowledged commit) {
                floor(acknowledged, new Owner(commit.group(), commit.of())).raise(i, commit.offset());
            } else if (event instanceof Event.CommitSeen seen) {
                Owner owner = new Owner(seen.group(), seen.of());
                long least = floor(acknowledged, owner).at(seen.askedAt());
                if (seen.offset() < least) {
                    violated("the group went back below %d: %s".formatted(least, seen));
                }
                if (seen.offset() > sent.getOrDefault(owner, 0L)) {
                    violated("the group stands where nobody committed: %s".formatted(seen));
                }
            }
        }
    }

    private static <K> Floor floor(Map<K, Floor> floors, K key) {
        return floors.computeIfAbsent(key, any -> new Floor());
    }

    /** The largest value that was known at each time. */
    private static final class Floor {
        private final NavigableMap<Integer, Long> values = new TreeMap<>();

        void raise(int index, long value) {
            if (values.isEmpty() || values.lastEntry().getValue() < value) {
                values.put(index, value);
            }
        }

        /** From events before {@code index}. */
        long at(int index) {
            Map.Entry<Integer, Long> entry = values.lowerEntry(index);
            return entry == null ? 0 : entry.getValue();
        }
    }
}
