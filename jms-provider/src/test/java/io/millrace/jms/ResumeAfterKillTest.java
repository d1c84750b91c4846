// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client under load goes on while its broker, a process of its own, is killed and started again on its data. */
@Timeout(240)
class ResumeAfterKillTest {
    private static final Pattern READY = Pattern.compile("Millrace \\S+ ready: kafka 127\\.0\\.0\\.1:(\\d+),.*");
    private static final int KILLS = 3;

    @TempDir
    Path directory;

    private int port;
    private Process broker;

    @BeforeEach
    void start() throws IOException {
        broker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.millrace.broker.cli.Main",
                        "start",
                        "--data",
                        directory.resolve("data").toString(),
                        "--port",
                        Integer.toString(port))
                .redirectError(directory.resolve("errors").toFile())
                .start();
        BufferedReader out = broker.inputReader();
        String line = out.readLine();
        Matcher ready = READY.matcher(String.valueOf(line));
        assertTrue(ready.matches(), () -> line + errors());
        port = Integer.parseInt(ready.group(1));
    }

    private String errors() {
        try {
            return Files.readString(directory.resolve("errors"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @AfterEach
    void kill() throws InterruptedException {
        broker.destroyForcibly();
        assertTrue(broker.waitFor(30, TimeUnit.SECONDS));
    }

    private Connection connect() throws JMSException {
        return connect("");
    }

    private Connection connect(String options) throws JMSException {
        Connection connection =
                new MillraceConnectionFactory("millrace://127.0.0.1:" + port + options).createConnection();
        connection.start();
        return connection;
    }

    /** What listeners have heard. */
    private static final class Heard {
        private final List<String> texts = new ArrayList<>();
        private final List<String> unflagged = new ArrayList<>();
        private final Set<String> counted = ConcurrentHashMap.newKeySet();

        /** Each message is acknowledged by itself. */
        void listen(Session session, MillraceQueue queue) throws JMSException {
            session.createConsumer(queue).setMessageListener(message -> {
                try {
                    String text = message.getBody(String.class);
                    texts.add(text);
                    if (!counted.add(text) && !message.getJMSRedelivered()) {
                        unflagged.add(text);
                    }
                } catch (JMSException e) {
                    unflagged.add(e.toString());
                }
            });
        }

        /** What came again right behind itself counts once. */
        List<String> withoutRepeatedLast() {
            return IntStream.range(0, texts.size())
                    .filter(i -> i == 0 || !texts.get(i).equals(texts.get(i - 1)))
                    .mapToObj(texts::get)
                    .toList();
        }
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    @Test
    void nothingIsLostNothingDoubledAndTheOrderIsKept() throws Exception {
        MillraceQueue in = new MillraceQueue("killed-in");
        MillraceQueue out = new MillraceQueue("killed-out");
        MillraceQueue heard = new MillraceQueue("killed-heard");
        MillraceQueue awaited = new MillraceQueue("killed-awaited");
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger moved = new AtomicInteger();
        AtomicBoolean enough = new AtomicBoolean();
        Heard listened = new Heard();
        Heard inOrder = new Heard();
        try (Connection sending = connect();
                Connection moving = connect();
                Connection listening = connect();
                Connection awaiting = connect("?awaitAcknowledgements=true")) {
            listened.listen(listening.createSession(), heard);
            inOrder.listen(awaiting.createSession(), awaited);
            Session session = sending.createSession();
            MessageProducer producer = session.createProducer(null);
            CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
                try {
                    while (!enough.get()) {
                        String text = Integer.toString(sent.get());
                        producer.send(in, session.createTextMessage(text));
                        producer.send(heard, session.createTextMessage(text));
                        producer.send(awaited, session.createTextMessage(text));
                        sent.incrementAndGet();
                    }
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            Session transacted = moving.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = transacted.createConsumer(in);
            MessageProducer results = transacted.createProducer(out);
            CompletableFuture<Void> mover = CompletableFuture.runAsync(() -> {
                while (!sender.isDone() || moved.get() < sent.get()) {
                    try {
                        Message message = consumer.receive(1_000);
                        if (message != null) {
                            results.send(transacted.createTextMessage(message.getBody(String.class)));
                            transacted.commit();
                            moved.incrementAndGet();
                        }
                    } catch (TransactionRolledBackException e) {
                        // The messages come again.
                    } catch (JMSException e) {
                        throw new AssertionError(e);
                    }
                }
            });
            for (int kills = 0; kills < KILLS; kills++) {
                int sentBefore = sent.get();
                int movedBefore = moved.get();
                await().atMost(60, TimeUnit.SECONDS)
                        .until(() -> sender.isDone()
                                || mover.isDone()
                                || (sent.get() > sentBefore + 100 && moved.get() > movedBefore + 30));
                kill();
                start();
            }
            int sentBefore = sent.get();
            await().atMost(60, TimeUnit.SECONDS).until(() -> sender.isDone() || sent.get() > sentBefore + 50);
            enough.set(true);
            sender.get(60, TimeUnit.SECONDS);
            mover.get(90, TimeUnit.SECONDS);
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> listened.counted.size() == sent.get() && inOrder.counted.size() == sent.get());
        }

        List<String> arrived = new ArrayList<>();
        try (Connection reading = connect()) {
            Session session = reading.createSession();
            MessageConsumer consumer = session.createConsumer(out);
            Message message = consumer.receive(10_000);
            while (message != null) {
                arrived.add(message.getBody(String.class));
                message = consumer.receiveNoWait();
            }
        }
        assertEquals(numbers(sent.get()), arrived);
        assertEquals(List.of(), listened.unflagged, "what came twice is flagged");
        assertEquals(numbers(sent.get()), new ArrayList<>(new LinkedHashSet<>(listened.texts)));
        assertEquals(List.of(), inOrder.unflagged, "what came twice is flagged");
        assertEquals(numbers(sent.get()), inOrder.withoutRepeatedLast(), "only the last one comes twice");
    }
}
