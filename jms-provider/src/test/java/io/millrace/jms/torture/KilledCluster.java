// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import io.millrace.broker.cluster.zookeeper.EmbeddedZooKeeper;
import io.millrace.jms.torture.LossyProxy.Trap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Brokers as processes of one cluster, each behind a {@link LossyProxy}: it listens at an address of its own and tells
 * clients, and the other brokers, the proxy's.
 */
final class KilledCluster implements AutoCloseable {
    private static final String LISTENS = "127.0.0.2";

    private final EmbeddedZooKeeper zooKeeper;
    private final List<KilledBroker> brokers = new ArrayList<>();
    private final List<LossyProxy> proxies = new ArrayList<>();

    /** @param count of brokers, which start now */
    KilledCluster(Path directory, int count) throws IOException {
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0);
        for (int i = 0; i < count; i++) {
            int port = KilledBroker.freePort();
            Map<String, String> settings = new HashMap<>();
            settings.put("listen.host", LISTENS);
            settings.put("advertised.host", "127.0.0.1");
            settings.put("zookeeper.connect", zooKeeper.connectString() + "/millrace");
            settings.put("broker.id", Integer.toString(i));
            settings.put("jms.transaction.resolve.interval.ms", "100"); // to meet the client's own steps
            brokers.add(new KilledBroker(directory, i, port, settings));
            proxies.add(new LossyProxy(port, new InetSocketAddress(LISTENS, port)));
            brokers.get(i).start();
        }
    }

    int size() {
        return brokers.size();
    }

    /** Makes a topic of one partition. */
    void create(String name, String kind, int broker) throws Exception {
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", "127.0.0.1:" + proxies.get(0).port()))) {
            NewTopic topic = new NewTopic(name, new TreeMap<>(Map.of(0, List.of(broker))))
                    .configs(Map.of("millrace.jms.kind", kind));
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    /** By way of the proxies. */
    String url() {
        return brokers.get(0).url();
    }

    /**
     * Something is done when a frame passes, at whatever broker it does so first.
     *
     * @param trap makes the trap of a broker
     */
    void trap(IntFunction<Trap> trap) {
        AtomicBoolean sprung = new AtomicBoolean();
        for (int i = 0; i < proxies.size(); i++) {
            Trap set = trap.apply(i);
            proxies.get(i).set(new Trap(set.api(), set.answered(), () -> {
                if (sprung.compareAndSet(false, true)) {
                    set.action().run();
                }
            }));
        }
    }

    void loseAnswers(int broker) {
        proxies.get(broker).loseAnswers();
    }

    void cut() {
        proxies.forEach(LossyProxy::cut);
    }

    void kill(int broker) {
        try {
            brokers.get(broker).kill();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void start(int broker) throws IOException {
        brokers.get(broker).start();
    }

    @Override
    public void close() throws IOException {
        for (LossyProxy proxy : proxies) {
            proxy.close();
        }
        brokers.forEach(KilledBroker::close);
        zooKeeper.close();
    }
}
