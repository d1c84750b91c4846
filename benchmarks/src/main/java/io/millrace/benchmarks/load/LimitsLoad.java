// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.machine.DiskProbe;
import io.millrace.benchmarks.machine.LoopbackProbe;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Samples;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What the machine could do without any broker; other loads are held against it. */
public final class LimitsLoad implements Load {
    private static final String WHO = "this machine";
    private static final int GROUP_BYTES = 1 << 20;

    @Override
    public String name() {
        return "limits";
    }

    @Override
    public void run(Lab lab) throws Exception {
        DiskProbe disk = new DiskProbe(lab.peers().work());
        Rounds.settleDisk();
        for (int bytes : List.of(1024, 4096)) {
            Samples half = new Samples();
            Samples most = new Samples();
            for (int round = 0; round < lab.scale().rounds(); round++) {
                Histogram nanos = disk.syncLatency(bytes, lab.scale().ramp());
                half.add(nanos.getValueAtPercentile(50) / 1e6);
                most.add(nanos.getValueAtPercentile(99) / 1e6);
            }
            String what = "write of %d B and fdatasync".formatted(bytes);
            lab.report().figure(name(), new Metric(what + ", p50", "ms"), WHO, half);
            lab.report().figure(name(), new Metric(what + ", p99", "ms"), WHO, most);
        }
        Samples sequential = new Samples();
        Samples loopback = new Samples();
        for (int round = 0; round < lab.scale().rounds(); round++) {
            sequential.add(disk.sequentialMbPerSecond(GROUP_BYTES, lab.scale().ramp()));
            loopback.add(LoopbackProbe.mbPerSecond(lab.scale().ramp()));
        }
        lab.report().figure(name(), new Metric("sequential writes, fdatasync each MiB", "MB/s"), WHO, sequential);
        lab.report().figure(name(), new Metric("loopback copy, one connection", "MB/s"), WHO, loopback);
    }
}
