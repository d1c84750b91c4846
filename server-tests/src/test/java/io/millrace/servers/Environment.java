// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import java.nio.file.Path;
import java.util.List;

/**
 * What a server is started with.
 *
 * @param directory its own, empty, deleted after the test
 * @param logs where the output of its processes goes and stays
 * @param brokerUrl as the adapter wants it
 */
record Environment(Path directory, Path logs, String brokerUrl) {
    /** Where Maven puts the servers and the adapter. */
    static final Path TARGET = Path.of("target").toAbsolutePath();

    static final Path ADAPTER = TARGET.resolve("millrace.rar");

    /** Where the application notes that a transaction hangs. */
    Path stalls() {
        return directory.resolve("stalls");
    }

    /** The system properties of the server's JVM. */
    List<String> systemProperties() {
        return List.of("-Dmillrace.url=" + brokerUrl, "-Dmillrace.test.stalls=" + stalls());
    }
}
