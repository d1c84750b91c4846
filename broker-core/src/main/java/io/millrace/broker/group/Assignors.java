// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The assignors there are. */
final class Assignors {
    private static final List<Assignor> ALL = List.of(new UniformAssignor(), new RangeAssignor());
    private static final Assignor DEFAULT = ALL.get(0);

    private Assignors() {}

    static String names() {
        return ALL.stream().map(Assignor::name).collect(Collectors.joining(", "));
    }

    static boolean knows(String name) {
        return find(name) != null;
    }

    /** The one that most of the members that say so want; the default where nobody says. */
    static Assignor wantedBy(Collection<ConsumerMember> members) {
        Map<String, Long> votes = members.stream()
                .map(ConsumerMember::assignor)
                .filter(name -> name != null && knows(name))
                .map(String::valueOf)
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        Assignor winner = votes.entrySet().stream()
                .max(Comparator.comparingLong(Map.Entry::getValue))
                .map(vote -> find(vote.getKey()))
                .orElse(null);
        return winner == null ? DEFAULT : winner;
    }

    private static @Nullable Assignor find(String name) {
        return ALL.stream()
                .filter(assignor -> assignor.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
