// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Payara Micro with the adapter and one application as a process that a test may kill and start again on its files: what
 * Arquillian starts it does not let go of. Not safe for several threads.
 */
final class PayaraMicro implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path log;
    private final List<String> command;
    private final URI url;
    private Process process;
    private int logged;

    /**
     * Starts it and waits until it has deployed the application.
     *
     * @param directory takes its files and its log
     * @param options for its JVM
     * @param application a web archive; its file's name is its path
     */
    PayaraMicro(Path directory, int httpPort, List<String> options, Path application) {
        String file = application.getFileName().toString();
        url = URI.create("http://127.0.0.1:" + httpPort + "/" + file.substring(0, file.lastIndexOf('.')) + "/");
        log = directory.resolve("payara.log");
        Path target = Path.of(System.getProperty("millrace.test.target"));
        List<String> deployments;
        try {
            // Only with this does the server ask its resource managers for branches in doubt when it starts.
            Path preBoot = Files.writeString(
                    directory.resolve("pre-boot.asadmin"),
                    "set configs.config.server-config.transaction-service.automatic-recovery=true\n");
            command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    // Half of the time of a start is the compiler's otherwise.
                    "-XX:TieredStopAtLevel=1",
                    "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED"));
            command.addAll(options);
            command.addAll(List.of(
                    "-jar",
                    target.resolve("payara-micro.jar").toString(),
                    "--nocluster",
                    "--addLibs",
                    target.resolve("database").toString(),
                    "--rootdir",
                    directory.resolve("payara").toString(),
                    "--prebootcommandfile",
                    preBoot.toString(),
                    "--port",
                    Integer.toString(httpPort)));
            deployments =
                    List.of("--deploy", target.resolve("millrace.rar").toString(), "--deploy", application.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(deployments);
    }

    URI url() {
        return url;
    }

    /**
     * Starts it on the files of its last run and waits until the application is there again. The server remembers what was
     * deployed; to deploy it once more would take the pools away while it recovers them.
     */
    void restart() {
        start(List.of());
    }

    private void start(List<String> deploy) {
        try {
            logged = Files.exists(log) ? Files.readString(log).length() : 0;
            process = new ProcessBuilder(
                            Stream.concat(command.stream(), deploy.stream()).toList())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("Payara Micro with the application, see " + log)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(250))
                .until(this::isReady);
    }

    private boolean isReady() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("Payara Micro ended with " + process.exitValue() + ": " + Files.readString(log));
        }
        String output = Files.readString(log).substring(logged);
        if (output.contains("Exception during lifecycle processing")) {
            throw new AssertionError("The deployment failed: " + output);
        }
        return output.contains("ready in ");
    }

    /** The body of the answer to a GET of a path below the application's; it must be 200. */
    String get(String path) {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(url.resolve(path)).timeout(PATIENCE).build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError(path + " answered " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
