// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * OpenMQ's broker with its file store, which it is told to sync, and without the limits that would make it refuse the
 * loads (100,000 messages for each destination).
 */
final class OpenMqPeer extends ProcessPeer {
    private static final String MAIN = "com.sun.messaging.jmq.jmsserver.Broker";

    private final Path home;
    private final Path data;
    private final int heapMb;

    /** @param heapMb its {@code -Xmx} */
    OpenMqPeer(Path home, Path data, Path log, int heapMb) {
        super(PeerKind.OPENMQ, data, log);
        this.home = home;
        this.data = data;
        this.heapMb = heapMb;
    }

    /** The jars of the client. */
    static List<Path> client(Path home) {
        return List.of(home.resolve("lib/imq.jar"), home.resolve("lib/imqutil.jar"));
    }

    @Override
    List<String> command() {
        try {
            Files.createDirectories(data);
            try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
                String classPath = jars.filter(jar -> jar.toString().endsWith(".jar"))
                        .sorted()
                        .map(Path::toString)
                        .collect(Collectors.joining(File.pathSeparator));
                return List.of(
                        java(),
                        "-Xms" + Math.min(192, heapMb) + "m",
                        "-Xmx" + heapMb + "m",
                        "-Dimq.home=" + home,
                        "-Dimq.varhome=" + data,
                        "-Dimq.etchome=" + home.resolve("etc"),
                        "-Dimq.libhome=" + home.resolve("lib"),
                        "-cp",
                        classPath,
                        MAIN,
                        "-name",
                        "bench",
                        "-port",
                        Integer.toString(port()),
                        "-Dimq.persist.file.sync.enabled=true",
                        "-Dimq.portmapper.hostname=127.0.0.1",
                        "-Dimq.jms.max_threads=2000",
                        "-Dimq.autocreate.destination.maxNumMsgs=-1",
                        "-Dimq.autocreate.destination.maxTotalMsgBytes=-1",
                        "-Dimq.autocreate.topic=true",
                        "-Dimq.autocreate.queue=true");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare OpenMQ in " + data, e);
        }
    }
}
