// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import com.arjuna.ats.arjuna.common.CoreEnvironmentBeanException;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.peer.Directories;
import io.millrace.benchmarks.peer.JmsClients;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnectionFactory;
import jakarta.jms.XAJMSContext;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Distributed transactions of two branches: a message to a queue of each of two brokers of one kind, committed in two phases
 * by Narayana, which has its own log, with its defaults, on the same disk. By one client and by several at a time. Beside
 * it brokers that answer without a sync: what then remains is Narayana's log and the way.
 */
public final class XaLoad implements Load {
    private static final List<PeerKind> KINDS =
            List.of(PeerKind.MILLRACE_COMMIT, PeerKind.MILLRACE_OS, PeerKind.ARTEMIS);
    private static final List<Integer> CLIENTS = List.of(1, 8);
    private static final String QUEUE = "xa";

    private static Metric metric(int clients) {
        return new Metric("transactions of two branches, clients: " + clients, "tx/s");
    }

    @Override
    public String name() {
        return "xa";
    }

    @Override
    public void run(Lab lab) throws Exception {
        Path log = Files.createDirectories(lab.peers().work().resolve("narayana"));
        List<Peer> first = new ArrayList<>();
        Map<PeerKind, Peer> second = new EnumMap<>(PeerKind.class);
        try {
            logTo(log);
            for (PeerKind kind : lab.taking(KINDS)) {
                start(lab, kind, first, second);
            }
            Results results = Rounds.interleave(
                    lab, name(), first, (peer, round) -> measure(peer, partner(second, peer), lab.scale()));
            results.reportFigures(name(), lab.report());
            for (int clients : CLIENTS) {
                JmsRounds.compare(lab, name(), results, metric(clients), Target.ratioAtLeast(2));
            }
        } finally {
            first.forEach(Peer::close);
            second.values().forEach(Peer::close);
            Directories.delete(log);
        }
    }

    private void start(Lab lab, PeerKind kind, List<Peer> first, Map<PeerKind, Peer> second) {
        Peer one = lab.peers().createJms(kind, 0);
        Peer other = lab.peers().createJms(kind, 0);
        try {
            one.start();
            other.start();
            first.add(one);
            second.put(kind, other);
        } catch (BenchmarkException e) {
            one.close();
            other.close();
            lab.report().failed(name() + ", " + kind.title(), e);
        }
    }

    private static Peer partner(Map<PeerKind, Peer> second, Peer first) {
        Peer partner = second.get(first.kind());
        if (partner == null) {
            throw new IllegalStateException(first.kind().title() + " runs alone");
        }
        return partner;
    }

    /** Narayana's log of a process is in one place, whatever it works with. */
    private static void logTo(Path directory) throws CoreEnvironmentBeanException {
        for (String store : Arrays.asList(null, "stateStore", "communicationStore")) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, store)
                    .setObjectStoreDir(directory.toString());
        }
        arjPropertyManager.getCoreEnvironmentBean().setNodeIdentifier("1");
    }

    private static Map<Metric, Double> measure(Peer one, Peer other, Scale scale) throws Exception {
        Map<Metric, Double> rates = new HashMap<>();
        for (int clients : CLIENTS) {
            LongAdder committed = new LongAdder();
            XAConnectionFactory here = JmsClients.xaFactory(one);
            XAConnectionFactory there = JmsClients.xaFactory(other);
            rates.put(
                    metric(clients),
                    JmsWork.rate(scale, committed, Collections.nCopies(clients, worker(here, there, committed))));
            for (Peer peer : List.of(one, other)) {
                new JmsWork(peer).drain(QUEUE, committed.sum(), 1);
            }
        }
        return rates;
    }

    private static JmsWork.Worker worker(XAConnectionFactory here, XAConnectionFactory there, LongAdder committed) {
        return going -> {
            TransactionManager manager = com.arjuna.ats.jta.TransactionManager.transactionManager();
            try (XAJMSContext first = here.createXAContext();
                    XAJMSContext second = there.createXAContext()) {
                while (going.getAsBoolean()) {
                    manager.begin();
                    Transaction transaction = manager.getTransaction();
                    transaction.enlistResource(first.getXAResource());
                    transaction.enlistResource(second.getXAResource());
                    send(first);
                    send(second);
                    manager.commit();
                    committed.increment();
                }
            }
        };
    }

    private static void send(JMSContext context) throws JMSException {
        BytesMessage message = JmsWork.message(context);
        context.createProducer().send(context.createQueue(QUEUE), message);
    }
}
