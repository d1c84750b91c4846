// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * A client process that moves messages in local transactions, with two sessions of one connection: each receives some
 * from the queues {@link #IN} and sends every one of them, and a mark of its own, to all of {@link #QUEUES} and to the
 * topic {@link #TOPIC}. The first word of a text is what counts, the rest is ballast, which makes some transactions so large that
 * they leave in pieces (docs/decisions/0025). For each line of its standard input it does a number of transactions, most of
 * them large where the line is {@link #LARGE}. It tells its parent what it
 * does, by lines on its standard output:
 *
 * <pre>
 *  COMMITTING transaction text...   about to commit (or, after a while, to roll back)
 *  COMMITTED transaction | ROLLED_BACK transaction | UNKNOWN transaction
 *  DONE
 * </pre>
 */
final class LocalWorker {
    static final List<String> IN = List.of("in-0", "in-1");
    static final List<String> QUEUES = List.of("out-0", "out-1");
    static final String TOPIC = "events";
    /** The property that names a message's transaction. */
    static final String TRANSACTION = "transaction";

    /** What its parent may ask for. */
    static final String LARGE = "large";

    static final String COMMITTING = "COMMITTING";
    static final String COMMITTED = "COMMITTED";
    static final String ROLLED_BACK = "ROLLED_BACK";
    static final String UNKNOWN = "UNKNOWN";
    static final String DONE = "DONE";
    static final String FAILED = "FAILED";

    private static final Duration CONNECTING = Duration.ofMinutes(1);
    private static final int SESSIONS = 2;
    private static final int RECEIVE_MS = 500;
    private static final int MOST_RECEIVED = 3;
    private static final int BIG = 200_000;

    private volatile int largeOfHundred;
    private final String url;
    private final String name;
    private final int transactions;

    private LocalWorker(String url, String name, int transactions) {
        this.url = url;
        this.name = name;
        this.transactions = transactions;
    }

    /** Arguments: the broker's URL, a name, a seed, how many transactions each session does for a line. */
    public static void main(String[] arguments) throws Exception {
        LocalWorker worker = new LocalWorker(arguments[0], arguments[1], Integer.parseInt(arguments[3]));
        try {
            worker.run(new Random(Long.parseLong(arguments[2])));
        } catch (JMSException | RuntimeException e) {
            tell(FAILED + " " + e);
            e.printStackTrace();
        }
        Runtime.getRuntime().halt(0);
    }

    private static void tell(String line) {
        synchronized (System.out) {
            System.out.println(line);
            System.out.flush();
        }
    }

    private void run(Random random) throws JMSException, IOException, InterruptedException {
        BufferedReader parent = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        try (Connection connection = connect()) {
            connection.start();
            List<Mover> movers = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                movers.add(new Mover(connection, name + "-" + i, new Random(random.nextLong())));
            }
            for (String line = parent.readLine(); line != null; line = parent.readLine()) {
                largeOfHundred = line.equals(LARGE) ? 75 : 12;
                List<Thread> threads = movers.stream().map(Thread::new).toList();
                threads.forEach(Thread::start);
                for (Thread thread : threads) {
                    thread.join();
                }
                tell(DONE);
            }
        }
    }

    /** The broker may be killed meanwhile: what another asks it for may be what the kill waits for. */
    private Connection connect() {
        return await().atMost(CONNECTING)
                .ignoreExceptionsInstanceOf(JMSException.class)
                .until(new MillraceConnectionFactory(url)::createConnection, Objects::nonNull);
    }

    /** One session and its thread. */
    private final class Mover implements Runnable {
        private final Connection connection;
        private final String id;
        private final Random random;
        private Session session;
        private MessageProducer producer;
        private final List<MessageConsumer> consumers = new ArrayList<>();
        private int number;

        Mover(Connection connection, String id, Random random) throws JMSException {
            this.connection = connection;
            this.id = id;
            this.random = random;
            open();
        }

        private void open() throws JMSException {
            session = connection.createSession(true, Session.SESSION_TRANSACTED);
            producer = session.createProducer(null);
            consumers.clear();
            for (String queue : IN) {
                consumers.add(session.createConsumer(session.createQueue(queue)));
            }
        }

        @Override
        public void run() {
            try {
                for (int i = 0; i < transactions; i++) {
                    transact(id + "-" + number++);
                }
            } catch (JMSException | RuntimeException e) {
                tell(FAILED + " " + id + ": " + e);
                e.printStackTrace();
            }
        }

        private void transact(String transaction) throws JMSException {
            boolean shipping = false;
            try {
                List<String> texts = work(transaction);
                tell(COMMITTING + " " + transaction + " " + String.join(" ", texts));
                if (random.nextInt(5) == 0) {
                    session.rollback();
                    tell(ROLLED_BACK + " " + transaction);
                    return;
                }
                shipping = true;
                session.commit();
                tell(COMMITTED + " " + transaction);
            } catch (TransactionRolledBackException e) {
                tell(ROLLED_BACK + " " + transaction + " " + e.getMessage());
            } catch (JMSException e) {
                tell((shipping ? UNKNOWN : ROLLED_BACK) + " " + transaction + " " + e);
                session.close(); // whatever it still has goes back
                open();
            }
        }

        /** Receives, and sends it on; all that it sends to each destination. */
        private List<String> work(String transaction) throws JMSException {
            List<String> texts = new ArrayList<>(List.of("mark-" + transaction));
            for (int left = random.nextInt(MOST_RECEIVED + 1); left > 0; left--) {
                Message message =
                        consumers.get(random.nextInt(consumers.size())).receive(RECEIVE_MS);
                if (message instanceof TextMessage text) {
                    texts.add(text.getText());
                }
            }
            String ballast = random.nextInt(100) < largeOfHundred ? " " + "x".repeat(BIG) : "";
            for (String text : texts) {
                TextMessage message = session.createTextMessage(text + ballast);
                message.setStringProperty(TRANSACTION, transaction);
                for (String queue : QUEUES) {
                    producer.send(session.createQueue(queue), message);
                }
                producer.send(session.createTopic(TOPIC), message);
            }
            return texts;
        }
    }
}
