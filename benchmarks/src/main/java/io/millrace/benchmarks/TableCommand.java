// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code table}: every load, one after the other. */
@Command(name = "table", mixinStandardHelpOptions = true, description = "Runs every load and prints the table.")
final class TableCommand implements Callable<Integer> {
    @Mixin
    private Scales scales = new Scales();

    @Option(
            names = "--jms",
            description = "The loads of Jakarta Messaging, beside Artemis and OpenMQ, not those of Kafka.")
    private boolean jms;

    @Override
    public Integer call() throws IOException {
        return new Run(scales).of(jms ? Loads.jms() : Loads.all());
    }
}
