// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code millrace} as a process of its own. */
public final class BrokerProcess implements AutoCloseable {
    static final Pattern READY = Pattern.compile(
            "Millrace \\S+ ready: kafka 127\\.0\\.0\\.1:(\\d+), zookeeper 127\\.0\\.0\\.1:\\d+, in (\\d+) ms");
    private static final long PATIENCE_SECONDS = 300;

    private final Process process;
    private final Path errors;
    private final BufferedReader out;

    /** @param errors the file that takes the standard error stream */
    public BrokerProcess(Path errors, String... arguments) throws IOException {
        this.errors = errors;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // The process is short-lived: half of the CPU time of its start would be the compiler's.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        out = process.inputReader();
    }

    /** Waits for the ready line; it must be the first. */
    public Matcher awaitReady() throws IOException {
        String line = out.readLine();
        Matcher ready = READY.matcher(String.valueOf(line));
        if (!ready.matches()) {
            throw new AssertionError("not a ready line: " + line + "\n" + errors());
        }
        return ready;
    }

    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, SECONDS)) {
            throw new AssertionError("still running after " + PATIENCE_SECONDS + " s");
        }
        return process.exitValue();
    }

    /** Waits for its end, but no longer than {@code most}; whether it came. */
    public boolean awaitExit(Duration most) throws InterruptedException {
        return process.waitFor(most.toNanos(), NANOSECONDS);
    }

    public String errors() throws IOException {
        return Files.readString(errors);
    }

    /** What the standard output still holds; ends with the process. */
    List<String> restOfOutput() {
        return out.lines().toList();
    }

    /** SIGTERM. */
    public void terminate() {
        // Not Process.destroy: it would close the streams as well.
        process.toHandle().destroy();
    }

    /** Sends it a signal by name, such as {@code STOP}. */
    void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (exit != 0) {
            throw new AssertionError("kill -" + name + " failed with " + exit);
        }
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
