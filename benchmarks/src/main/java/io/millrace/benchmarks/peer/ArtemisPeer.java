// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.benchmarks.machine.DiskProbe;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * ActiveMQ Artemis by its embedded server's own main class, configured as {@code artemis create} does: the journal synced
 * (AIO where the machine has libaio, else NIO), its buffer's time-out measured on this disk, messages paged once half of
 * the heap is full.
 */
final class ArtemisPeer extends ProcessPeer {
    private static final String MAIN = "org.apache.activemq.artemis.core.server.embedded.Main";
    private static final int PROBE_BYTES = 4096;

    private final List<Path> jars;
    private final Path data;
    private final int heapMb;

    /** @param heapMb its {@code -Xmx} */
    ArtemisPeer(List<Path> jars, Path data, Path log, int heapMb) {
        super(PeerKind.ARTEMIS, data, log);
        this.jars = jars;
        this.data = data;
        this.heapMb = heapMb;
    }

    @Override
    List<String> command() {
        configure();
        String classPath = jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        return List.of(
                java(),
                "-Xms" + Math.min(512, heapMb) + "m",
                "-Xmx" + heapMb + "m",
                "-XX:+UseG1GC",
                "-XX:+UseStringDeduplication",
                "-cp",
                classPath,
                MAIN,
                data.toString());
    }

    /** Its main class reads {@code etc/broker.xml} of the directory it is given. */
    private void configure() {
        Path etc = data.resolve("etc");
        Path file = etc.resolve("broker.xml");
        if (Files.exists(file)) {
            return;
        }
        try {
            Files.createDirectories(etc);
            long syncNanos = (long) new DiskProbe(data)
                    .syncLatency(PROBE_BYTES, Duration.ofMillis(500))
                    .getMean();
            Files.writeString(file, """
                    <configuration xmlns="urn:activemq">
                      <core xmlns="urn:activemq:core">
                        <name>bench</name>
                        <persistence-enabled>true</persistence-enabled>
                        <security-enabled>false</security-enabled>
                        <journal-type>ASYNCIO</journal-type>
                        <journal-datasync>true</journal-datasync>
                        <journal-buffer-timeout>%d</journal-buffer-timeout>
                        <journal-min-files>2</journal-min-files>
                        <journal-pool-files>10</journal-pool-files>
                        <journal-file-size>10M</journal-file-size>
                        <paging-directory>%s/paging</paging-directory>
                        <bindings-directory>%s/bindings</bindings-directory>
                        <journal-directory>%s/journal</journal-directory>
                        <large-messages-directory>%s/large</large-messages-directory>
                        <disk-scan-period>5000</disk-scan-period>
                        <max-disk-usage>98</max-disk-usage>
                        <page-sync-timeout>%d</page-sync-timeout>
                        <acceptors>
                          <acceptor name="core">tcp://127.0.0.1:%d?protocols=CORE;tcpSendBufferSize=1048576;tcpReceiveBufferSize=1048576</acceptor>
                        </acceptors>
                        <address-settings>
                          <address-setting match="#">
                            <redelivery-delay>0</redelivery-delay>
                            <max-size-bytes>-1</max-size-bytes>
                            <address-full-policy>PAGE</address-full-policy>
                            <auto-create-queues>true</auto-create-queues>
                            <auto-create-addresses>true</auto-create-addresses>
                            <auto-delete-queues>false</auto-delete-queues>
                            <auto-delete-addresses>false</auto-delete-addresses>
                          </address-setting>
                        </address-settings>
                      </core>
                    </configuration>
                    """.formatted(syncNanos, data, data, data, data, syncNanos, port()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
