// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.benchmarks.load.ConsumeLoad;
import io.millrace.benchmarks.load.EndToEndLoad;
import io.millrace.benchmarks.load.LimitsLoad;
import io.millrace.benchmarks.load.Load;
import io.millrace.benchmarks.load.ManyClientsLoad;
import io.millrace.benchmarks.load.ManyQueuesLoad;
import io.millrace.benchmarks.load.ProduceLoad;
import io.millrace.benchmarks.load.RecoveryLoad;
import io.millrace.benchmarks.load.StartLoad;
import io.millrace.benchmarks.load.SyncedProduceLoad;
import io.millrace.benchmarks.load.TailLoad;
import java.util.List;

/** All loads, in the order of the table. */
final class Loads {
    private Loads() {}

    static List<Load> all() {
        return List.of(
                new LimitsLoad(),
                new ProduceLoad(),
                new SyncedProduceLoad(),
                new ManyQueuesLoad(),
                new TailLoad(),
                new ConsumeLoad(),
                new EndToEndLoad(),
                new ManyClientsLoad(),
                new StartLoad(),
                new RecoveryLoad());
    }

    static Load named(String name) {
        return all().stream()
                .filter(load -> load.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BenchmarkException("There is no load " + name + "; there are "
                        + all().stream().map(Load::name).toList()));
    }
}
