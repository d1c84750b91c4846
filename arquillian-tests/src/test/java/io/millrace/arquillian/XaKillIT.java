// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.arquillian.xaapp.Forwarder;
import io.millrace.broker.cli.BrokerProcess;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.Queue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.EmptyAsset;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Message-driven beans in XA transactions over two resource managers, Millrace and Derby, with random rollbacks, while one of the
 * processes is killed: each message has its effect exactly once, in the database and on the queue it is forwarded to.
 *
 * <p>{@code -Dxa.messages=} (default 10,000) for the broker's kill, a fifth of it for the server's; {@code -Dxa.kills=} how
 * often each is killed in one run (default 1); {@code -Dxa.seed=} repeats the draws that a run has printed.
 */
class XaKillIT {
    private static final int MESSAGES = Integer.getInteger("xa.messages", 10_000);
    private static final int KILLS = Integer.getInteger("xa.kills", 1);
    private static final long SEED = Long.getLong("xa.seed", new Random().nextLong());
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** Kept with its logs when a test fails. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path directory;

    private static final String BROKER_PORT = Integer.toString(TestPorts.free());
    private static BrokerProcess broker;
    private static PayaraMicro server;
    private static int nextNumber;

    @BeforeAll
    static void startBoth() throws IOException {
        System.out.println("XaKillIT: -Dxa.seed=" + SEED);
        broker = startBroker();
        Path application = directory.resolve("xa.war");
        ShrinkWrap.create(WebArchive.class)
                .addPackage(Forwarder.class.getPackage())
                .addAsWebInfResource(EmptyAsset.INSTANCE, "beans.xml")
                .addAsWebInfResource("xaapp/glassfish-resources.xml", "glassfish-resources.xml")
                .as(ZipExporter.class)
                .exportTo(application.toFile());
        server = new PayaraMicro(
                directory,
                TestPorts.free(),
                List.of(
                        "-Dmillrace.url=" + url(),
                        "-Dmillrace.test.db=" + directory.resolve("ledger"),
                        "-Dderby.system.home=" + directory,
                        "-D" + Forwarder.SEED + "=" + SEED),
                application);
    }

    private static String url() {
        return "millrace://127.0.0.1:" + BROKER_PORT;
    }

    private static BrokerProcess startBroker() throws IOException {
        BrokerProcess started = new BrokerProcess(
                directory.resolve("broker.log"),
                "start",
                "--data",
                directory.resolve("broker").toString(),
                "--port",
                BROKER_PORT);
        started.awaitReady();
        return started;
    }

    @AfterAll
    static void stopBoth() {
        server.close();
        broker.close();
    }

    @Test
    void eachMessageIsProcessedExactlyOnceThoughTheBrokerIsKilled() throws Exception {
        processes(MESSAGES, () -> {
            broker.kill();
            broker = startBroker();
        });
    }

    @Test
    void eachMessageIsProcessedExactlyOnceThoughTheServerIsKilled() throws Exception {
        processes(MESSAGES / 5, () -> {
            server.kill();
            server.restart();
        });
    }

    private interface Kill {
        void run() throws IOException, InterruptedException;
    }

    private static void processes(int messages, Kill kill) throws Exception {
        int from = nextNumber;
        int to = from + messages;
        nextNumber = to;
        send(from, to);

        for (int killed = 0; killed < KILLS; killed++) {
            int before = messages * (killed + 1) / (KILLS + 1);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> rows(from, to) >= before);
            kill.run();
        }

        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertEquals(messages + " rows, 0 double", ledger(from, to, "")));
        assertEquals(messages + " rows, 0 double", ledger(from, to, "&committed"));
        assertEquals("", forwarded(from, to), "what the queue does not hold exactly once");
        try (JMSContext context = new MillraceConnectionFactory(url()).createContext()) {
            assertEquals(
                    null, context.createConsumer(context.createQueue("DLQ")).receiveNoWait(), "dead letter");
        }
    }

    private static void send(int from, int to) {
        try (JMSContext context = new MillraceConnectionFactory(url()).createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue numbers = context.createQueue("numbers");
            JMSProducer producer = context.createProducer();
            for (int number = from; number < to; number++) {
                producer.send(numbers, Integer.toString(number));
                if (number % 100 == 0) {
                    context.commit();
                }
            }
            context.commit();
        }
    }

    private static String ledger(int from, int to, String more) {
        return server.get("ledger?from=" + from + "&to=" + to + more);
    }

    private static int rows(int from, int to) {
        String answer = ledger(from, to, "");
        return Integer.parseInt(answer.substring(0, answer.indexOf(' ')));
    }

    /** Receives all of the range that was forwarded; answers with what is wrong, nothing if nothing is. */
    private static String forwarded(int from, int to) throws Exception {
        BitSet seen = new BitSet();
        StringBuilder wrong = new StringBuilder();
        try (JMSContext context = new MillraceConnectionFactory(url()).createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue("forwarded"));
            for (int received = from; received < to; received++) {
                String text = consumer.receiveBody(String.class, 20_000);
                if (text == null) {
                    break;
                }
                int number = Integer.parseInt(text);
                if (number < from || number >= to || seen.get(number)) {
                    wrong.append(" doubled ").append(number);
                }
                seen.set(number);
            }
            String more = consumer.receiveBody(String.class, 1_000);
            if (more != null) {
                wrong.append(" one too many ").append(more);
            }
        }
        for (int number = seen.nextClearBit(from); number < to; number = seen.nextClearBit(number + 1)) {
            wrong.append(" missing ").append(number);
        }
        return wrong.toString();
    }
}
