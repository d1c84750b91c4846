// SPDX-License-Identifier: Apache-2.0
package io.millrace.peers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The class paths that the build wrote down as resources, each of one version of one product. */
final class ClassPaths {
    private ClassPaths() {}

    /** The jars of a Kafka broker. */
    static String kafkaServer() {
        return read("kafka-server.classpath");
    }

    /** The jars of Kafka's command-line tools, Connect, MirrorMaker and Streams. */
    static String kafkaTools() {
        return read("kafka-tools.classpath");
    }

    private static String read(String resource) {
        try (InputStream in = ClassPaths.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new PeerException(
                        "The build has not written " + resource + ": run mvn with -pl peers -am process-classes");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new PeerException("Cannot read " + resource, e);
        }
    }
}
