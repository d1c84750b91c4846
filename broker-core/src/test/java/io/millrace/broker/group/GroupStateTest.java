// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GroupStateTest {
    private static final Map<String, GroupState> STATES = Map.of(
            "Empty", new GroupState.Empty(),
            "PreparingRebalance", new GroupState.PreparingRebalance(1, -1),
            "CompletingRebalance", new GroupState.CompletingRebalance(1),
            "Stable", new GroupState.Stable(),
            "Dead", new GroupState.Dead());

    private static final Map<String, Set<String>> LEGAL = Map.of(
            "Empty", Set.of("PreparingRebalance", "Stable", "Dead"),
            "PreparingRebalance", Set.of("PreparingRebalance", "CompletingRebalance", "Empty", "Dead"),
            "CompletingRebalance", Set.of("Stable", "PreparingRebalance", "Dead"),
            "Stable", Set.of("PreparingRebalance", "Dead"),
            "Dead", Set.of());

    /** A way to each state by legal moves. */
    private static final Map<String, List<String>> PATHS = Map.of(
            "Empty", List.of(),
            "PreparingRebalance", List.of("PreparingRebalance"),
            "CompletingRebalance", List.of("PreparingRebalance", "CompletingRebalance"),
            "Stable", List.of("Stable"),
            "Dead", List.of("Dead"));

    static Stream<Arguments> pairs() {
        return STATES.keySet().stream().flatMap(from -> STATES.keySet().stream().map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @MethodSource("pairs")
    void onlyLegalTransitionsAreMade(String from, String to) {
        // Given
        ClassicGroup group = new ClassicGroup("g", GroupConfig.DEFAULT);
        PATHS.get(from).forEach(step -> group.transition(STATES.get(step)));

        // When, Then
        if (LEGAL.get(from).contains(to)) {
            group.transition(STATES.get(to));
            assertEquals(to, group.state().kafkaName());
        } else {
            assertThrows(IllegalStateException.class, () -> group.transition(STATES.get(to)));
            assertEquals(from, group.state().kafkaName());
        }
    }
}
