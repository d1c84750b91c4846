// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import java.io.IOException;

/**
 * One call that both brokers get, after those before it.
 *
 * @param name what the call is about, in words
 * @param call makes the call and renders what came back
 * @param difference why Millrace may answer differently, or {@code null}: it must answer as Kafka does
 */
record Step(String name, Call call, Difference difference) {
    /** Makes a call to one of the brokers. */
    @FunctionalInterface
    interface Call {
        String on(Subject broker) throws IOException;
    }

    /** Two answers that are known not to be the same. */
    sealed interface Difference {
        String reason();
    }

    /** Millrace means to answer so: the answers must differ, else the declaration is stale. */
    record Wanted(String reason) implements Difference {}

    /** Millrace should answer as Kafka does and does not yet. */
    record ToBeMended(String reason) implements Difference {}

    static Step step(String name, Call call) {
        return new Step(name, call, null);
    }

    /** A step whose answers are not compared: it makes what the next ones need. */
    static Step given(String name, Call call) {
        return new Step(
                name,
                broker -> {
                    call.on(broker);
                    return "";
                },
                null);
    }

    Step wantedDifference(String reason) {
        return new Step(name, call, new Wanted(reason));
    }

    Step toBeMended(String reason) {
        return new Step(name, call, new ToBeMended(reason));
    }
}
