// SPDX-License-Identifier: Apache-2.0
package io.millrace.peers;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A process started by this one. Its output, both streams, goes to a file, so that it never blocks on a full pipe. It
 * does not outlive this JVM unless that is killed. Safe for any thread.
 */
public final class ChildProcess implements AutoCloseable {
    private static final long POLL_MS = 20;
    private static final int TAIL_LINES = 40;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final Process process;
    private final Path output;
    private final Thread atExit;

    private ChildProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.atExit = new Thread(process::destroyForcibly, name + "-reaper");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts a program.
     *
     * @param name what messages call it
     * @param environment variables in addition to this process's own
     * @param output the file that takes its output; truncated
     * @param stdin what it reads; an empty file for nothing
     */
    public static ChildProcess start(
            String name, List<String> command, Map<String, String> environment, Path output, Path stdin) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(stdin.toFile())
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            return new ChildProcess(name, builder.start(), output);
        } catch (IOException e) {
            throw new PeerException("Cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Starts a main class on this JVM's own Java.
     *
     * @param classPath what {@code -cp} takes
     * @param jvmArguments in front of the class, such as {@code -Xmx1g}
     */
    public static ChildProcess startJava(
            String name,
            String classPath,
            List<String> jvmArguments,
            String mainClass,
            List<String> arguments,
            Path output) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArguments);
        command.addAll(List.of("-cp", classPath, mainClass));
        command.addAll(arguments);
        return start(name, command, Map.of(), output, new File("/dev/null").toPath());
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Everything it has printed so far. */
    public String output() {
        try {
            // Lenient: the child may be in the middle of a character.
            return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new PeerException("Cannot read the output of " + name, e);
        }
    }

    /**
     * Blocks until the output, as a whole, satisfies {@code condition}.
     *
     * @throws PeerException when the process ends before, or {@code patience} does
     */
    public void awaitOutput(Predicate<String> condition, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            // In this order: a process that printed the line and ended is fine.
            boolean alive = process.isAlive();
            if (condition.test(output())) {
                return;
            }
            if (!alive) {
                throw new PeerException(
                        name + " ended with " + process.exitValue() + " before it printed what was awaited\n" + tail());
            }
            if (System.nanoTime() > deadline) {
                throw new PeerException(
                        name + " did not print within " + patience.toSeconds() + " s what was awaited\n" + tail());
            }
            awaitEnd(Duration.ofMillis(POLL_MS));
        }
    }

    /**
     * Blocks until the process ends.
     *
     * @return its exit code
     * @throws PeerException when it still runs after {@code patience}; it is killed then
     */
    public int awaitExit(Duration patience) {
        if (!awaitEnd(patience)) {
            kill();
            throw new PeerException(name + " still ran after " + patience.toSeconds() + " s\n" + tail());
        }
        removeHook();
        return process.exitValue();
    }

    /** SIGTERM, and SIGKILL when that does not end it within 30 s. Idempotent; blocks until it is gone. */
    public void stop() {
        process.destroy();
        if (!awaitEnd(STOP_PATIENCE)) {
            process.destroyForcibly();
            awaitEnd(STOP_PATIENCE);
        }
        removeHook();
    }

    /** SIGKILL. Idempotent; blocks until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd(STOP_PATIENCE);
        removeHook();
    }

    /** As {@link #kill}: who wants an orderly end calls {@link #stop} first. */
    @Override
    public void close() {
        kill();
    }

    private boolean awaitEnd(Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerException("Interrupted while waiting for " + name, e);
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This JVM is going down: the hook runs now and finds the process gone.
            return;
        }
    }

    private String tail() {
        List<String> lines = output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
}
