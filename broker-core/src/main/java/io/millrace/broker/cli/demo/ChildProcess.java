// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * One process of the demo: its output goes to a log file, the first line that fits is awaited. Safe for any thread.
 */
final class ChildProcess {
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private final String name;
    private final Path log;
    private final Process process;
    private final CompletableFuture<String> awaitedLine = new CompletableFuture<>();
    private volatile boolean stopping;

    private ChildProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /**
     * @param name what the user knows it by
     * @param log its output is appended here
     * @param awaited picks the line that {@link #awaitLine} answers with
     */
    static ChildProcess start(String name, List<String> command, Path log, Predicate<String> awaited) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            ChildProcess child = new ChildProcess(name, log, process);
            Thread pump = new Thread(() -> child.pump(awaited), name + "-output");
            pump.setDaemon(true);
            pump.start();
            return child;
        } catch (IOException e) {
            throw new DemoException("Cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    private void pump(Predicate<String> awaited) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter file = Files.newBufferedWriter(
                        log, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                file.write(line);
                file.newLine();
                file.flush();
                if (awaited.test(line)) {
                    awaitedLine.complete(line);
                }
            }
        } catch (IOException e) {
            awaitedLine.completeExceptionally(new UncheckedIOException(e));
        }
        awaitedLine.completeExceptionally(new DemoException(name + " ended before it was ready; see " + log));
    }

    /** The first line of output that fitted. */
    String awaitLine(Duration patience) {
        try {
            return awaitedLine.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new DemoException(name + " was not ready within " + patience.toSeconds() + " s; see " + log, e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof DemoException demo
                    ? demo
                    : new DemoException(name + " failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("Interrupted while " + name + " started", e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Runs {@code listener} with the exit code if the process ends without having been told to. */
    void onUnexpectedExit(IntConsumer listener) {
        var unused = process.onExit().thenAcceptAsync(ended -> {
            if (!stopping) {
                listener.accept(ended.exitValue());
            }
        });
    }

    /** SIGKILL, as the outside world would do it: an {@link #onUnexpectedExit} listener is told. */
    void kill() {
        process.destroyForcibly();
    }

    /** SIGTERM, then SIGKILL when that was not enough. Idempotent; blocks until the process is gone. */
    void stop() {
        stopping = true;
        process.destroy();
        try {
            if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
