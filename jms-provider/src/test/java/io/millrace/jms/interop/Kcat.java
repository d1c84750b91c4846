// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs kcat (librdkafka's command-line client), or skips the test where it is not installed. */
final class Kcat {
    private static final long PATIENCE_SECONDS = 30;

    private Kcat() {}

    static void assumeInstalled() {
        boolean found = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, "kcat")));
        assumeTrue(found, "kcat is not installed (Debian: apt-get install kcat)");
    }

    static void produce(String brokers, String topic, String line, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kcat", "-b", brokers, "-t", topic, "-P"));
        command.addAll(List.of(options));
        run(command, line + "\n");
    }

    /** All records from the beginning, one line each, in kcat's {@code -f} format. */
    static List<String> consume(String brokers, String topic, String format) throws IOException, InterruptedException {
        String output =
                run(List.of("kcat", "-b", brokers, "-t", topic, "-C", "-o", "beginning", "-e", "-q", "-f", format), "");
        return output.lines().toList();
    }

    private static String run(List<String> command, String input) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("kcat", ".err");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            assertEquals(0, process.exitValue(), () -> command + " said: " + read(errors));
            return output;
        } finally {
            Files.delete(errors);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
