// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.machine.ProcessUsage;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * From the start of the process (Millrace: of its shell launcher) on a cleanly closed directory to the first accepted
 * record. Both servers with an archive of their classes (AppCDS) made by the run that is thrown away: Millrace's launcher
 * makes it by itself, Kafka is given one.
 */
public final class StartLoad implements Load {
    private static final Metric START = new Metric("process start to first accepted record", "s");
    private static final Metric ANONYMOUS = new Metric("anonymous memory after start", "MB");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String TOPIC = "start";

    @Override
    public String name() {
        return "start";
    }

    @Override
    public void run(Lab lab) throws Exception {
        Results results = new Results();
        Path archive = lab.peers().work().resolve("kafka.jsa");
        List<Peer> peers = new ArrayList<>();
        try {
            peers.add(prepared(lab, PeerKind.MILLRACE_COMMIT, List.of()));
            Peer archiving = prepared(lab, PeerKind.KAFKA, List.of("-XX:ArchiveClassesAtExit=" + archive));
            archiving.close();
            peers.add(prepared(lab, PeerKind.KAFKA, List.of("-XX:SharedArchiveFile=" + archive)));
            for (int round = 0; round < lab.scale().starts(); round++) {
                for (Peer peer : peers) {
                    long begin = System.nanoTime();
                    peer.launch();
                    ProduceProbe.await(peer.port(), TOPIC, PATIENCE);
                    results.add(peer.kind(), START, (System.nanoTime() - begin) / 1e9);
                    peer.awaitReady();
                    results.add(peer.kind(), Rounds.MEMORY_AFTER_START, ProcessUsage.residentMb(peer.pid()));
                    results.add(peer.kind(), ANONYMOUS, ProcessUsage.anonymousMb(peer.pid()));
                    peer.stop();
                }
            }
        } finally {
            peers.forEach(Peer::close);
            Files.deleteIfExists(archive);
        }
        results.reportFigures(name(), lab.report());
        String us = PeerKind.MILLRACE_COMMIT.title();
        lab.report().check(name(), START, us, results.get(PeerKind.MILLRACE_COMMIT, START), Target.below(0.8, "s"));
        results.compare(name(), lab.report(), START, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA, null);
        lab.report()
                .check(
                        name(),
                        Rounds.MEMORY_AFTER_START,
                        us,
                        results.get(PeerKind.MILLRACE_COMMIT, Rounds.MEMORY_AFTER_START),
                        Target.below(150, "MB"));
        results.compare(
                name(), lab.report(), Rounds.MEMORY_AFTER_START, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA, null);
    }

    /** A server that ran once, has the topic, and is stopped. */
    private static Peer prepared(Lab lab, PeerKind kind, List<String> jvmOptions) {
        Peer peer = lab.peers().create(kind, jvmOptions);
        peer.start();
        Clients.createTopic(peer, TOPIC, 1);
        ProduceProbe.await(peer.port(), TOPIC, PATIENCE);
        peer.stop();
        return peer;
    }
}
