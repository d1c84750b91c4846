// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code java -jar benchmarks.jar}: the command line. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        description =
                "Measures Millrace beside Apache Kafka, Artemis and OpenMQ on this machine. See docs/performance.md.",
        subcommands = {TableCommand.class, RunCommand.class, MicroCommand.class})
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // Before the first logger is made: the clients' start-up lines would drown the figures.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
