// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.broker.cluster.zookeeper.EmbeddedZooKeeper;
import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Two brokers of one cluster, with stores of their own; queues are on the broker that they are made on. */
final class TwoBrokers implements AutoCloseable {
    private final Path directory;
    private final EmbeddedZooKeeper zooKeeper;
    private final List<EmbeddedBroker> brokers = new ArrayList<>();

    TwoBrokers(Path directory) {
        this.directory = directory;
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zk"), 0);
        for (int id = 1; id <= 2; id++) {
            brokers.add(start(id));
        }
    }

    private EmbeddedBroker start(int id) {
        return EmbeddedBroker.builder()
                .directory(directory.resolve("broker-" + id))
                .set("zookeeper.connect", zooKeeper.connectString() + "/millrace")
                .set("broker.id", Integer.toString(id))
                .start();
    }

    /** @param id 1 or 2 */
    EmbeddedBroker broker(int id) {
        return brokers.get(id - 1);
    }

    /** Makes a queue whose partitions are on these brokers. */
    void create(String name, int... ids) throws Exception {
        Map<Integer, List<Integer>> owners = new TreeMap<>();
        for (int i = 0; i < ids.length; i++) {
            owners.put(i, List.of(ids[i]));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker(1).bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(name, owners).configs(Map.of("millrace.jms.kind", "queue"))))
                    .all()
                    .get();
        }
    }

    void send(String queue, String... texts) {
        try (JMSContext context = new MillraceConnectionFactory(broker(1).url()).createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        }
    }

    /** What is in a queue, taken out of it. */
    List<String> rest(String queue) {
        try (JMSContext context = new MillraceConnectionFactory(broker(1).url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            List<String> texts = new ArrayList<>();
            for (String text = consumer.receiveBodyNoWait(String.class);
                    text != null;
                    text = consumer.receiveBodyNoWait(String.class)) {
                texts.add(text);
            }
            return texts;
        }
    }

    @Override
    public void close() {
        brokers.forEach(EmbeddedBroker::close);
        zooKeeper.close();
    }
}
