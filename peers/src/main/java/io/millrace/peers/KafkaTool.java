// SPDX-License-Identifier: Apache-2.0
package io.millrace.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Kafka's command-line tools, Connect and MirrorMaker, of the version the build names, as child processes; each is
 * named by its main class, such as {@code org.apache.kafka.tools.TopicCommand}. Safe for any thread.
 */
public final class KafkaTool {
    /** What keeps the start of a JVM that lives for a second short. */
    static final List<String> SHORT_LIVED = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private KafkaTool() {}

    /**
     * What a tool left behind.
     *
     * @param exitCode 0 is success
     * @param output both streams
     */
    public record Result(int exitCode, String output) {
        /** The output of a tool that must have succeeded. */
        public String successful() {
            if (exitCode != 0) {
                throw new PeerException("The tool ended with " + exitCode + ":\n" + output);
            }
            return output;
        }
    }

    /** The class path of all tools, for a program that runs with this version of Kafka's libraries. */
    public static String classPath() {
        return ClassPaths.kafkaTools();
    }

    /**
     * Runs a tool to its end.
     *
     * @throws PeerException when it still runs after {@code patience}
     */
    public static Result run(Duration patience, String mainClass, String... arguments) {
        try {
            Path output = Files.createTempFile("kafka-tool-", ".out");
            try (ChildProcess tool = start(output, mainClass, arguments)) {
                int exitCode = tool.awaitExit(patience);
                return new Result(exitCode, tool.output());
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new PeerException("Cannot keep the output of " + mainClass, e);
        }
    }

    /**
     * Starts a tool that runs until it is told to stop.
     *
     * @param output the file that takes its output; truncated
     */
    public static ChildProcess start(Path output, String mainClass, String... arguments) {
        List<String> jvm = new ArrayList<>(SHORT_LIVED);
        jvm.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
        return ChildProcess.startJava(name, ClassPaths.kafkaTools(), jvm, mainClass, List.of(arguments), output);
    }
}
