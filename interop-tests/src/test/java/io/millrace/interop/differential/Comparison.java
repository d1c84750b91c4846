// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.differential.Step.ToBeMended;
import io.millrace.interop.differential.Step.Wanted;
import io.millrace.peers.KafkaServer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestReporter;

/** Runs steps, in their order, against Millrace and against Apache Kafka; each step is a test of its own. */
final class Comparison {
    private Comparison() {}

    static Stream<DynamicTest> of(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report, Step... steps) {
        Subject ours = new Subject(millrace.port());
        Subject theirs = new Subject(kafka.port());
        Stream<DynamicTest> tests = Stream.of(steps)
                .map(step -> DynamicTest.dynamicTest(step.name(), () -> compare(step, ours, theirs, report)));
        DynamicTest end = DynamicTest.dynamicTest("connections close", () -> {
            ours.close();
            theirs.close();
        });
        return Stream.concat(tests, Stream.of(end));
    }

    private static void compare(Step step, Subject ours, Subject theirs, TestReporter report) throws Exception {
        String kafkas = step.call().on(theirs);
        String millraces = step.call().on(ours);
        if (step.difference() instanceof Wanted wanted) {
            assertNotEquals(kafkas, millraces, "No difference any more; it was wanted because " + wanted.reason());
        } else if (step.difference() instanceof ToBeMended open) {
            report.publishEntry(
                    step.name(), (kafkas.equals(millraces) ? "MENDED: " : "to be mended: ") + open.reason());
        } else {
            assertEquals(kafkas, millraces, "Kafka's answer is the expected one");
        }
    }
}
