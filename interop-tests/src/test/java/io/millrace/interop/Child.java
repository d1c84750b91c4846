// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.ChildProcess;
import io.millrace.peers.KafkaTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs foreign programs against a broker. */
final class Child {
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private Child() {}

    /** Runs one of Kafka's tools with {@code --bootstrap-server}; it must succeed. */
    static String tool(EmbeddedBroker broker, String mainClass, String... arguments) {
        return toolResult(broker, mainClass, arguments).successful();
    }

    static KafkaTool.Result toolResult(EmbeddedBroker broker, String mainClass, String... arguments) {
        String[] all = Stream.concat(Stream.of("--bootstrap-server", broker.bootstrapServers()), Stream.of(arguments))
                .toArray(String[]::new);
        return KafkaTool.run(PATIENCE, mainClass, all);
    }

    /**
     * Runs a program with {@code input} on its standard input; it must succeed.
     *
     * @return its output, both streams
     */
    static String run(Path directory, String input, List<String> command) throws IOException {
        Path stdin = Files.writeString(Files.createTempFile(directory, "in", ""), input);
        Path output = Files.createTempFile(directory, "out", "");
        try (ChildProcess child = ChildProcess.start(command.get(0), command, Map.of(), output, stdin)) {
            int exitCode = child.awaitExit(PATIENCE);
            if (exitCode != 0) {
                throw new AssertionError(command + " ended with " + exitCode + "\n" + child.output());
            }
            return child.output();
        }
    }

    /** Whether {@code program} can be run on this machine. */
    static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
