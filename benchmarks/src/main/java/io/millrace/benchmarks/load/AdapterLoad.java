// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.machine.LiveObjects;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.peer.WildFly;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The resource adapters on the same application server: a WildFly for each broker, with the same application and the same
 * pools. Message-driven beans of at most 15 sessions work off a backlog; a stateless bean sends, called by 1 and by 16
 * threads inside the server; 100 sessions of a message-driven bean wait for nothing.
 */
public final class AdapterLoad implements Load {
    private static final List<PeerKind> KINDS = List.of(PeerKind.MILLRACE_COMMIT, PeerKind.ARTEMIS);
    private static final List<Integer> CALLERS = List.of(1, 16);
    private static final int FIRST_BACKLOG = 10_000;
    private static final int LARGEST_BACKLOG = 500_000;
    private static final int IDLE_SESSIONS = 100;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final Metric IDLE_SERVER = new Metric("live heap of the server for 100 idle sessions", "KB");
    private static final Metric IDLE_BROKER = new Metric("live heap of the broker for 100 idle sessions", "KB");

    /** What message-driven beans do, with the bean that does it. */
    private enum Receiving {
        XA("message-driven bean, XA", "XaReceiver"),
        PLAIN("message-driven bean, no transaction", "PlainReceiver"),
        FORWARDED("message-driven bean that sends on, XA", "Forwarder");

        private final String title;
        private final String bean;

        Receiving(String title, String bean) {
            this.title = title;
            this.bean = bean;
        }

        private Metric metric() {
            return new Metric(title, "msg/s");
        }
    }

    private static Metric sending(boolean xa, int callers) {
        return new Metric(
                "send from a bean, %s, %d %s"
                        .formatted(xa ? "XA" : "no transaction", callers, callers == 1 ? "caller" : "callers"),
                "msg/s");
    }

    @Override
    public String name() {
        return "adapter";
    }

    @Override
    public void run(Lab lab) throws Exception {
        List<Peer> brokers = new ArrayList<>();
        Map<PeerKind, Bench> benches = new EnumMap<>(PeerKind.class);
        try {
            for (PeerKind kind : lab.taking(KINDS)) {
                start(lab, kind, brokers, benches);
            }
            Results results = Rounds.interleave(lab, name(), brokers, (peer, round) -> {
                Bench bench = benches.get(peer.kind());
                if (bench == null) {
                    throw new IllegalStateException(peer.kind().title() + " has no server");
                }
                return bench.measure(lab.scale());
            });
            results.reportFigures(name(), lab.report());
            List<Metric> rates = new ArrayList<>();
            for (Receiving receiving : Receiving.values()) {
                rates.add(receiving.metric());
            }
            for (boolean xa : new boolean[] {true, false}) {
                CALLERS.forEach(callers -> rates.add(sending(xa, callers)));
            }
            rates.forEach(metric -> compare(lab, results, metric, Target.ratioAtLeast(2)));
            compare(lab, results, IDLE_SERVER, Target.ratioBelow(1));
            compare(lab, results, IDLE_BROKER, Target.ratioBelow(1));
        } finally {
            benches.values().forEach(bench -> bench.server.close());
            brokers.forEach(Peer::close);
        }
    }

    private void compare(Lab lab, Results results, Metric metric, Target target) {
        results.compare(name(), lab.report(), metric, PeerKind.MILLRACE_COMMIT, PeerKind.ARTEMIS, target);
    }

    private void start(Lab lab, PeerKind kind, List<Peer> brokers, Map<PeerKind, Bench> benches) throws Exception {
        Peer broker = lab.peers().createJms(kind, 0);
        WildFly server = lab.peers().appServer(broker);
        boolean started = false;
        try {
            broker.start();
            server.start();
            brokers.add(broker);
            benches.put(kind, new Bench(broker, server));
            started = true;
        } catch (BenchmarkException e) {
            lab.report().failed(name() + ", " + kind.title(), e);
        } finally {
            if (!started) {
                server.close();
                broker.close();
            }
        }
    }

    /** One broker and its application server. For one thread. */
    private static final class Bench {
        private final Peer broker;
        private final WildFly server;
        private final JmsWork jms;
        private final BeansClient beans;
        private final Map<Receiving, Long> backlogs = new EnumMap<>(Receiving.class);

        Bench(Peer broker, WildFly server) throws Exception {
            this.broker = broker;
            this.server = server;
            this.jms = new JmsWork(broker);
            this.beans = new BeansClient(server.port());
        }

        Map<Metric, Double> measure(Scale scale) throws Exception {
            Map<Metric, Double> figures = new LinkedHashMap<>();
            for (Receiving receiving : Receiving.values()) {
                figures.put(receiving.metric(), receive(receiving, scale));
            }
            for (boolean xa : new boolean[] {true, false}) {
                for (int callers : CALLERS) {
                    BeansClient.Sent sent = beans.send(xa, callers, scale);
                    jms.drain("sent", sent.messages(), 1);
                    figures.put(sending(xa, callers), sent.rate());
                }
            }
            idle(figures);
            return figures;
        }

        /** From a backlog that lasts about as long as a window, going by the round before. */
        private double receive(Receiving receiving, Scale scale) {
            long count = backlogs.getOrDefault(receiving, (long) FIRST_BACKLOG);
            jms.fill("received", count);
            Rounds.settleDisk();
            double rate = beans.receive(receiving.bean, count);
            if (receiving == Receiving.FORWARDED) {
                jms.drain("sent", count, 1);
            }
            long next = (long) (rate * (scale.ramp().plus(scale.window()).toMillis() / 1e3));
            backlogs.put(receiving, Math.max(FIRST_BACKLOG, Math.min(LARGEST_BACKLOG, next)));
            return rate;
        }

        private void idle(Map<Metric, Double> figures) {
            long serverBefore = LiveObjects.of(server.pid()).bytes();
            long brokerBefore = LiveObjects.of(broker.pid()).bytes();
            beans.start("IdleReceiver");
            try {
                LiveObjects inServer = withSessions();
                figures.put(IDLE_SERVER, (inServer.bytes() - serverBefore) / 1e3);
                figures.put(IDLE_BROKER, (LiveObjects.of(broker.pid()).bytes() - brokerBefore) / 1e3);
            } finally {
                beans.stop("IdleReceiver");
            }
        }

        /** The server's heap once the adapter has made all its sessions, in the background. */
        private LiveObjects withSessions() {
            String consumer = broker.kind().isMillrace()
                    ? "io.millrace.ra.inbound.DeliverySession"
                    : "org.apache.activemq.artemis.core.client.impl.ClientConsumerImpl";
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (true) {
                LiveObjects live = LiveObjects.of(server.pid());
                long sessions = live.instances().getOrDefault(consumer, 0L);
                if (sessions >= IDLE_SESSIONS) {
                    return live;
                }
                if (System.nanoTime() > end) {
                    throw new BenchmarkException(
                            "The adapter has made %d sessions of %d".formatted(sessions, IDLE_SESSIONS));
                }
                Pause.of(Duration.ofMillis(200));
            }
        }
    }
}
