// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import static org.awaitility.Awaitility.await;

import io.millrace.broker.cli.Main;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceXAConnectionFactory;
import io.millrace.peers.ChildProcess;
import io.millrace.peers.Ports;
import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.XAConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** The real broker as a process, and the plain clients that look at it from outside of the server. */
final class Broker implements AutoCloseable {
    /** How often an application receives a message of the queue {@code work} before it is a dead letter. */
    static final int MAX_DELIVERIES = 4;

    private final Path data;
    private final Path logs;
    private final int port = Ports.free();
    private int starts;
    private ChildProcess process;

    Broker(Path data, Path logs) {
        this.data = data;
        this.logs = logs;
    }

    /** Blocks until it serves; with the data and the port of its predecessor. */
    void start() {
        process = ChildProcess.startJava(
                "the broker",
                System.getProperty("java.class.path"),
                List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                Main.class.getName(),
                List.of("start", "--data", data.toString(), "--port", Integer.toString(port)),
                logs.resolve("broker-" + starts++ + ".log"));
        process.awaitOutput(output -> output.contains(" ready: "), Duration.ofMinutes(1));
    }

    /** Makes the queue {@code work}, with its limit of deliveries, by a stock Kafka client. */
    void createQueues() throws Exception {
        NewTopic work = new NewTopic("work", 1, (short) 1)
                .configs(Map.of("millrace.max.deliveries", Integer.toString(MAX_DELIVERIES)));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            admin.createTopics(List.of(work)).all().get();
        }
    }

    void kill() {
        process.kill();
    }

    String url() {
        return "millrace://127.0.0.1:" + port;
    }

    private <T> T with(Function<JMSContext, T> work) {
        try (JMSContext context = new MillraceConnectionFactory(url()).createContext()) {
            return work.apply(context);
        }
    }

    void send(String queue, String text) {
        with(context -> context.createProducer().send(context.createQueue(queue), text));
    }

    void publish(String topic, String text) {
        with(context -> context.createProducer().send(context.createTopic(topic), text));
    }

    /** The texts that are taken from a queue until {@code count} have come, and then until none has come for a second. */
    List<String> receive(String queue, int count) {
        return with(context -> {
            List<String> texts = new ArrayList<>();
            JMSConsumer consumer = context.createConsumer((Destination) context.createQueue(queue));
            long deadline = System.nanoTime() + Application.PATIENCE.toNanos();
            while (true) {
                boolean more = texts.size() < count && System.nanoTime() < deadline;
                Message message = consumer.receive(1_000);
                if (message != null) {
                    texts.add(body(message));
                } else if (!more) {
                    return texts;
                }
            }
        });
    }

    /** One message of a queue; fails when none comes. */
    Message receiveMessage(String queue) {
        return with(context -> {
            Message message = context.createConsumer((Destination) context.createQueue(queue))
                    .receive(Application.PATIENCE.toMillis());
            if (message == null) {
                throw new AssertionError("no message came to " + queue);
            }
            return message;
        });
    }

    private static String body(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many branches of distributed transactions wait for their outcome. */
    int branchesInDoubt() {
        try (XAConnection connection = new MillraceXAConnectionFactory(url()).createXAConnection()) {
            return connection
                    .createXASession()
                    .getXAResource()
                    .recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)
                    .length;
        } catch (JMSException | XAException e) {
            throw new IllegalStateException(e);
        }
    }

    void awaitNothingInDoubt() {
        await().atMost(Application.PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> branchesInDoubt() == 0);
    }

    @Override
    public void close() {
        if (process != null) {
            process.kill();
        }
    }
}
