// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * kill -9 under load with a large log in 1,000 partitions, then from the new process's start to the first accepted
 * record. Millrace's embedded ZooKeeper dies and comes back with it, the dead session included.
 */
public final class RecoveryLoad implements Load {
    private static final Metric BACK = new Metric("restart after kill -9 to first accepted record", "s");
    private static final Metric READY = new Metric("restart after kill -9 until the server says that it serves", "s");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String TOPIC = "recovery";
    private static final int PARTITIONS = 1_000;
    private static final int RECORD_BYTES = 1024;
    /** Large batches: the fill is not what is measured. */
    private static final Map<String, Object> FILLING = Map.of(
            "batch.size", 64 << 10,
            "linger.ms", 200,
            "buffer.memory", 96 << 20,
            "max.block.ms", 600_000,
            "delivery.timeout.ms", 600_000);

    @Override
    public String name() {
        return "recovery";
    }

    @Override
    public void run(Lab lab) throws Exception {
        String load =
                "%s, %.1f GB in %d partitions".formatted(name(), lab.scale().recoveryBytes() / 1e9, PARTITIONS);
        Results results = new Results();
        for (PeerKind kind : lab.taking(List.of(PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA))) {
            try (Peer peer = lab.peers().create(kind)) {
                measure(peer, lab.scale(), results);
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                lab.report().failed(load + ", " + kind.title(), e);
            }
        }
        results.reportFigures(load, lab.report());
        lab.report()
                .check(
                        load,
                        BACK,
                        PeerKind.MILLRACE_COMMIT.title(),
                        results.get(PeerKind.MILLRACE_COMMIT, BACK),
                        Target.below(3, "s"));
        results.compare(load, lab.report(), BACK, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA, null);
    }

    private static void measure(Peer peer, Scale scale, Results results) throws InterruptedException {
        peer.start();
        Clients.createTopic(peer, TOPIC, PARTITIONS);
        Producing.fill(peer, TOPIC, PARTITIONS, RECORD_BYTES, scale.recoveryBytes(), FILLING);
        for (int i = 0; i < scale.starts(); i++) {
            Producing.fill(peer, TOPIC, PARTITIONS, RECORD_BYTES, PARTITIONS * 10L * RECORD_BYTES, FILLING);
            peer.kill();
            long begin = System.nanoTime();
            peer.launch();
            ProduceProbe.await(peer.port(), TOPIC, PATIENCE);
            results.add(peer.kind(), BACK, (System.nanoTime() - begin) / 1e9);
            peer.awaitReady();
            results.add(peer.kind(), READY, (System.nanoTime() - begin) / 1e9);
        }
    }
}
