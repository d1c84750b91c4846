// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Report;
import io.millrace.benchmarks.report.Samples;
import io.millrace.benchmarks.report.Target;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The samples of one load by server and metric. For one thread. */
final class Results {
    private final Map<PeerKind, Map<Metric, Samples>> samples = new EnumMap<>(PeerKind.class);

    void add(PeerKind kind, Metric metric, double value) {
        samples.computeIfAbsent(kind, k -> new LinkedHashMap<>())
                .computeIfAbsent(metric, m -> new Samples())
                .add(value);
    }

    Samples get(PeerKind kind, Metric metric) {
        return samples.getOrDefault(kind, Map.of()).getOrDefault(metric, new Samples());
    }

    void reportFigures(String load, Report report) {
        samples.forEach(
                (kind, metrics) -> metrics.forEach((metric, s) -> report.figure(load, metric, kind.title(), s)));
    }

    void compare(String load, Report report, Metric metric, PeerKind us, PeerKind them, @Nullable Target target) {
        Samples ours = get(us, metric);
        Samples theirs = get(them, metric);
        if (!ours.isEmpty() && !theirs.isEmpty()) {
            report.compare(load, metric, us.title(), ours, them.title(), theirs, target);
        }
    }
}
