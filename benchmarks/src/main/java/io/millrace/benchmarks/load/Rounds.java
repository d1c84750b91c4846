// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.machine.ProcessUsage;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs servers side by side: one round of each, then the next round, in turning order; the first is thrown away. */
final class Rounds {
    static final Metric MEMORY_AFTER_START = new Metric("resident after start", "MB");
    static final Metric MEMORY_AFTER_LOAD = new Metric("resident after the load", "MB");
    private static final int SYNC_PATIENCE_S = 120;

    private Rounds() {}

    /** What one round of one server gives. */
    @FunctionalInterface
    interface Measurement {
        /** @param round 0 for the one that is thrown away */
        Map<Metric, Double> measure(Peer peer, int round) throws Exception;
    }

    /**
     * Starts the servers, runs all rounds, ends the servers and deletes their data. A server that fails is told in the
     * report and left out from then on.
     *
     * @param load whose rounds these are
     */
    static Results run(Lab lab, String load, List<PeerKind> kinds, Measurement measurement) throws Exception {
        List<Peer> peers = new ArrayList<>();
        try {
            for (PeerKind kind : lab.taking(kinds)) {
                Peer peer = lab.peers().create(kind);
                peers.add(peer);
                peer.start();
            }
            return interleave(lab, load, peers, measurement);
        } finally {
            peers.forEach(Peer::close);
        }
    }

    /** As {@link #run} on servers that run already and stay. */
    static Results interleave(Lab lab, String load, List<Peer> peers, Measurement measurement)
            throws InterruptedException {
        Results results = new Results();
        for (Peer peer : peers) {
            results.add(peer.kind(), MEMORY_AFTER_START, ProcessUsage.residentMb(peer.pid()));
        }
        List<Peer> order = new ArrayList<>(peers);
        for (int round = 0; round <= lab.scale().rounds(); round++) {
            List<Peer> failed = new ArrayList<>();
            for (Peer peer : order) {
                settleDisk();
                try {
                    Map<Metric, Double> values = measurement.measure(peer, round);
                    if (round > 0) {
                        values.forEach((metric, value) -> results.add(peer.kind(), metric, value));
                    }
                } catch (InterruptedException e) {
                    throw e;
                } catch (Exception e) {
                    lab.report().failed(load + ", " + peer.kind().title() + ", round " + round, e);
                    failed.add(peer);
                }
            }
            order.removeAll(failed);
            Collections.rotate(order, 1);
        }
        for (Peer peer : order) {
            results.add(peer.kind(), MEMORY_AFTER_LOAD, ProcessUsage.residentMb(peer.pid()));
        }
        return results;
    }

    /** Writes out what is left of the round before, so that no server pays for another's dirty pages. */
    static void settleDisk() {
        try {
            Process sync = new ProcessBuilder("sync").start();
            if (!sync.waitFor(SYNC_PATIENCE_S, TimeUnit.SECONDS)) {
                sync.destroyForcibly();
            }
        } catch (IOException e) {
            throw new BenchmarkException("Cannot run sync(1)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("Interrupted", e);
        }
    }
}
