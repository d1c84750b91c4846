// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.benchmarks.load.AdapterLoad;
import io.millrace.benchmarks.load.ConsumeLoad;
import io.millrace.benchmarks.load.EndToEndLoad;
import io.millrace.benchmarks.load.JmsBacklogLoad;
import io.millrace.benchmarks.load.JmsLatencyLoad;
import io.millrace.benchmarks.load.JmsPriorityLoad;
import io.millrace.benchmarks.load.JmsReceiveLoad;
import io.millrace.benchmarks.load.JmsRequestReplyLoad;
import io.millrace.benchmarks.load.JmsSelectorLoad;
import io.millrace.benchmarks.load.JmsSendLoad;
import io.millrace.benchmarks.load.JmsTopicLoad;
import io.millrace.benchmarks.load.JmsTransactionsLoad;
import io.millrace.benchmarks.load.LimitsLoad;
import io.millrace.benchmarks.load.Load;
import io.millrace.benchmarks.load.ManyClientsLoad;
import io.millrace.benchmarks.load.ManyQueuesLoad;
import io.millrace.benchmarks.load.ProduceLoad;
import io.millrace.benchmarks.load.RecoveryLoad;
import io.millrace.benchmarks.load.StartLoad;
import io.millrace.benchmarks.load.SyncedProduceLoad;
import io.millrace.benchmarks.load.TailLoad;
import io.millrace.benchmarks.load.TransactionsLoad;
import io.millrace.benchmarks.load.XaLoad;
import java.util.List;
import java.util.stream.Stream;

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
                new TransactionsLoad(),
                new StartLoad(),
                new RecoveryLoad());
    }

    /** The loads of Jakarta Messaging, beside other JMS brokers. */
    static List<Load> jms() {
        return List.of(
                new JmsSendLoad(),
                new JmsReceiveLoad(),
                new JmsTransactionsLoad(),
                new XaLoad(),
                new AdapterLoad(),
                new JmsLatencyLoad(),
                new JmsTopicLoad(),
                new JmsSelectorLoad(),
                new JmsRequestReplyLoad(),
                new JmsPriorityLoad(),
                new JmsBacklogLoad());
    }

    private static Stream<Load> both() {
        return Stream.concat(all().stream(), jms().stream());
    }

    static List<String> names() {
        return both().map(Load::name).toList();
    }

    static Load named(String name) {
        return both().filter(load -> load.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BenchmarkException("There is no load " + name + "; there are " + names()));
    }
}
