// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The demo's Payara Micro with the resource adapter and the sample, a process of its own. */
final class DemoServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final ChildProcess process;

    /** Starts it; {@link #awaitReady()} tells when the sample is deployed. */
    DemoServer(DemoFiles files, Path rootDir, Path log, int httpPort, int brokerPort) {
        process = ChildProcess.start(
                "application server",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-Dmillrace.url=millrace://127.0.0.1:" + brokerPort,
                        "-jar",
                        files.payaraMicro().toString(),
                        "--nocluster",
                        "--rootdir",
                        rootDir.toString(),
                        "--port",
                        Integer.toString(httpPort),
                        "--deploy",
                        files.adapter().toString(),
                        "--deploy",
                        files.sample().toString()),
                log,
                line -> line.contains("ready in "));
    }

    void awaitReady() {
        process.awaitLine(PATIENCE);
    }

    void awaitEnd() throws InterruptedException {
        process.awaitEnd();
    }

    @Override
    public void close() {
        process.stop();
    }
}
