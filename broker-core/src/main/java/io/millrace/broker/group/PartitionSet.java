// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;

/** A set of partitions, by the ids of their topics. Immutable. */
public final class PartitionSet {
    public static final PartitionSet EMPTY = new PartitionSet(new TreeMap<>());

    /** Without empty sets; neither map nor sets change once they are here. */
    private final Map<UUID, BitSet> topics;

    private PartitionSet(Map<UUID, BitSet> topics) {
        this.topics = topics;
    }

    /** @param topics bits of a partition set for each topic; taken over */
    static PartitionSet of(Map<UUID, BitSet> topics) {
        TreeMap<UUID, BitSet> filled = new TreeMap<>(topics);
        filled.values().removeIf(BitSet::isEmpty);
        return filled.isEmpty() ? EMPTY : new PartitionSet(filled);
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    int size() {
        return topics.values().stream().mapToInt(BitSet::cardinality).sum();
    }

    boolean contains(UUID topicId, int partition) {
        BitSet bits = topics.get(topicId);
        return bits != null && partition >= 0 && bits.get(partition);
    }

    PartitionSet plus(PartitionSet other) {
        return other.isEmpty() ? this : combine(other, (mine, its) -> apply(mine, its, BitSet::or));
    }

    PartitionSet minus(PartitionSet other) {
        return other.isEmpty() || isEmpty() ? this : combine(other, (mine, its) -> apply(mine, its, BitSet::andNot));
    }

    PartitionSet and(PartitionSet other) {
        return combine(other, (mine, its) -> apply(mine, its, BitSet::and));
    }

    boolean intersects(PartitionSet other) {
        return !and(other).isEmpty();
    }

    /** Whether any of what a client names is here; its numbers may be anything. */
    boolean containsAny(Map<UUID, List<Integer>> named) {
        return named.entrySet().stream()
                .anyMatch(topic -> topic.getValue().stream().anyMatch(index -> contains(topic.getKey(), index)));
    }

    /** Whether all of what a client names is here; its numbers may be anything. */
    boolean containsAll(Map<UUID, List<Integer>> named) {
        return named.entrySet().stream()
                .allMatch(topic -> topic.getValue().stream().allMatch(index -> contains(topic.getKey(), index)));
    }

    /** The ids of the topics that have a partition here. */
    public Collection<UUID> topicIds() {
        return topics.keySet();
    }

    /** The partitions of one topic, ascending. */
    public List<Integer> partitions(UUID topicId) {
        BitSet bits = topics.get(topicId);
        return bits == null ? List.of() : bits.stream().boxed().toList();
    }

    /** The bits of one topic, not to be changed. */
    BitSet bits(UUID topicId) {
        BitSet bits = topics.get(topicId);
        return bits == null ? new BitSet() : bits;
    }

    private PartitionSet combine(PartitionSet other, BiFunction<BitSet, BitSet, BitSet> operation) {
        TreeMap<UUID, BitSet> combined = new TreeMap<>();
        topics.forEach((topicId, bits) -> combined.put(topicId, operation.apply(bits, other.bits(topicId))));
        other.topics.forEach(
                (topicId, bits) -> combined.computeIfAbsent(topicId, id -> operation.apply(new BitSet(), bits)));
        return of(combined);
    }

    private static BitSet apply(BitSet left, BitSet right, java.util.function.BiConsumer<BitSet, BitSet> operation) {
        BitSet result = (BitSet) left.clone();
        operation.accept(result, right);
        return result;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PartitionSet set && topics.equals(set.topics);
    }

    @Override
    public int hashCode() {
        return topics.hashCode();
    }

    @Override
    public String toString() {
        return topics.toString();
    }

    /** Collects partitions. Not safe for threads. */
    static final class Builder {
        private final TreeMap<UUID, BitSet> topics = new TreeMap<>();
        private int size;

        Builder add(UUID topicId, int partition) {
            topics.computeIfAbsent(topicId, id -> new BitSet()).set(partition);
            size++;
            return this;
        }

        /** How many were added; none may be added twice. */
        int size() {
            return size;
        }

        PartitionSet build() {
            return PartitionSet.of(topics);
        }
    }
}
