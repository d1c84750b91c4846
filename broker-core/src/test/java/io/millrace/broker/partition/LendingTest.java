// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LendingTest {
    private final ManualOwnerLoop loop = new ManualOwnerLoop();
    private final Lending lending = new Lending(loop);
    private final List<String> ran = new ArrayList<>();

    @Test
    void runsWhatWaitedInOrderThoughOneTaskFails() {
        // Given
        lending.lend(lending::take);
        lending.execute(() -> ran.add("first"));
        lending.execute(() -> {
            throw new IllegalStateException("made by a test");
        });
        lending.execute(() -> ran.add("second"));
        loop.runTasks();
        // When
        lending.giveBack();
        lending.execute(() -> ran.add("third"));
        assertThrows(IllegalStateException.class, loop::runTasks);
        loop.runTasks();
        // Then
        assertEquals(List.of("first", "second", "third"), ran);
    }
}
