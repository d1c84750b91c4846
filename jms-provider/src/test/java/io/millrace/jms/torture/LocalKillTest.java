// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.torture.LossyProxy.Trap;
import io.millrace.protocol.message.MillraceApi;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TextMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Local transactions that receive from two queues and send to two others and a topic, with brokers, the client or all
 * killed by {@code kill -9} around a commit, at random and when a certain request or its answer passes: with one broker;
 * with one that is made to go the way of several (docs/decisions/0020); with two. After each kill: every transaction is
 * there as a whole or not at all, what {@code commit} has told the client is so, what was received is finished with exactly
 * when it was sent on.
 *
 * <p>{@code -Dlocal.rounds=N} rounds of each kind, {@code -Dlocal.seed=S} as a run has printed.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class LocalKillTest {
    private static final int ROUNDS = Integer.getInteger("local.rounds", 4);
    private static final long SEED = Long.getLong("local.seed", System.nanoTime());
    private static final int MESSAGES = 12;
    private static final int TRANSACTIONS = 8;
    private static final int MOST_COMMITS_BEFORE = 8;
    /** A commit takes a few milliseconds: that long after the client says that it begins one, the kill comes. */
    private static final int MOST_MICROS = 8_000;

    /** Those of a bundle over several brokers. */
    private static final List<MillraceApi> STEPS = List.of(
            MillraceApi.SPILL,
            MillraceApi.BEGIN_BUNDLE,
            MillraceApi.PREPARE,
            MillraceApi.COMMIT,
            MillraceApi.END_BRANCH,
            MillraceApi.END_BUNDLE);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final Random random = new Random(SEED);
    private final Transactions transactions = new Transactions();
    private KilledCluster cluster;
    private String options = "";
    private Process worker;
    private BufferedReader told;
    private int starts;

    /** What is killed. */
    private enum Target {
        /** The broker that is concerned, where that is known. */
        BROKER,
        OTHER_BROKER,
        BROKERS,
        CLIENT,
        BROKER_AND_CLIENT,
        ALL,
        /** Nothing but the connections, after answers had got lost for a while. */
        CONNECTION;

        boolean hitsClient() {
            return this == CLIENT || this == BROKER_AND_CLIENT || this == ALL;
        }

        /** @param concerned a broker's number */
        List<Integer> brokers(int concerned, int count) {
            List<Integer> hit = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                boolean is = switch (this) {
                    case BROKER, BROKER_AND_CLIENT -> i == concerned;
                    case OTHER_BROKER -> i != concerned;
                    case BROKERS, ALL -> true;
                    case CLIENT, CONNECTION -> false;
                };
                if (is) {
                    hit.add(i);
                }
            }
            return hit;
        }
    }

    /**
     * One kill.
     *
     * @param at the request that is about to pass, or whose answer is; {@code null} for a moment by chance
     * @param large whether most transactions leave in pieces
     */
    private record Round(Target target, MillraceApi at, boolean answered, boolean large) {
        @Override
        public String toString() {
            return (large ? "large, " : "")
                    + target
                    + (at == null ? "" : (answered ? " when answered " : " before ") + at);
        }
    }

    @AfterEach
    void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
        if (worker != null) {
            worker.destroyForcibly();
        }
    }

    @Test
    void noKillLosesDoublesOrTearsATransaction() throws Exception {
        killAll(1, List.of(MillraceApi.COMMIT, MillraceApi.SPILL));
    }

    @Test
    void noKillTearsATransactionWhosePartsAreCoordinated() throws Exception {
        options = "&alwaysCoordinate=true";
        killAll(1, STEPS);
    }

    @Test
    void noKillTearsATransactionOverTwoBrokers() throws Exception {
        killAll(2, STEPS);
    }

    /** @param steps at which something may be killed */
    private void killAll(int brokers, List<MillraceApi> steps) throws Exception {
        System.out.println("local.seed=" + SEED);
        cluster = new KilledCluster(directory, brokers);
        create("queue", LocalWorker.IN);
        create("queue", LocalWorker.QUEUES);
        create("topic", List.of(LocalWorker.TOPIC));
        try (JMSContext context = subscriber()) {
            context.createDurableConsumer(context.createTopic(LocalWorker.TOPIC), LocalWorker.TOPIC);
        }
        for (int i = 0; i < ROUNDS; i++) {
            Target target = Target.values()[random.nextInt(Target.values().length)];
            boolean stepped = target != Target.CONNECTION && random.nextBoolean();
            MillraceApi at = stepped ? steps.get(random.nextInt(steps.size())) : null;
            boolean large = at == MillraceApi.SPILL || random.nextBoolean();
            Round round = new Round(target, at, random.nextBoolean(), large);
            String where = "round " + i + ", " + brokers + " broker(s), " + round + ", local.seed=" + SEED;
            send(i);
            run(round, where);
            check(where);
            System.out.println(where + ": right; " + transactions);
        }
    }

    /** One on each broker in turn. */
    private void create(String kind, List<String> names) throws Exception {
        for (int i = 0; i < names.size(); i++) {
            cluster.create(names.get(i), kind, i % cluster.size());
        }
    }

    private void send(int round) {
        try (JMSContext context = new MillraceConnectionFactory(cluster.url()).createContext()) {
            for (int i = 0; i < MESSAGES; i++) {
                String text = round + "-" + i;
                String queue = LocalWorker.IN.get(i % LocalWorker.IN.size());
                context.createProducer().send(context.createQueue(queue), text);
                transactions.onSent(text);
            }
        }
    }

    private void startWorker() throws IOException {
        Path errors = directory.resolve("worker-" + starts + ".err");
        worker = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LocalWorker.class.getName(),
                        cluster.url() + options + "&transactionRequestBytes=65536",
                        "w" + starts++,
                        Long.toString(random.nextLong()),
                        Integer.toString(TRANSACTIONS)))
                .redirectError(errors.toFile())
                .start();
        told = worker.inputReader();
    }

    private void run(Round round, String where) throws Exception {
        if (worker == null || !worker.isAlive()) {
            startWorker();
        }
        List<Integer> killed = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> sprung = new CompletableFuture<>();
        MillraceApi at = round.at();
        if (at != null) {
            cluster.trap(number -> new Trap(at, round.answered(), () -> {
                kill(round.target(), number, killed);
                sprung.complete(null);
            }));
        }
        worker.outputWriter().write((round.large() ? LocalWorker.LARGE : "go") + "\n");
        worker.outputWriter().flush();
        boolean done = false;
        if (at == null) {
            for (int left = 1 + random.nextInt(MOST_COMMITS_BEFORE); left > 0 && !done; ) {
                String line = told.readLine();
                left -= line != null && line.startsWith(LocalWorker.COMMITTING) ? 1 : 0;
                done = take(line, where);
            }
            boolean loses = round.target() == Target.CONNECTION || random.nextBoolean();
            spin();
            if (loses) {
                cluster.loseAnswers(random.nextInt(cluster.size()));
                spin();
            }
            kill(round.target(), random.nextInt(cluster.size()), killed);
        } else {
            awaitSprung(sprung, where); // a worker cannot go on without
        }
        cluster.cut();
        List<Integer> order = new ArrayList<>(killed);
        Collections.shuffle(order, random);
        for (int broker : order) {
            cluster.start(broker);
        }
        while (!done) {
            done = take(told.readLine(), where);
        }
        if (round.target().hitsClient()) {
            worker.waitFor();
        }
    }

    private void awaitSprung(CompletableFuture<Void> sprung, String where) throws Exception {
        try {
            sprung.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException never) {
            StringBuilder said = new StringBuilder();
            while (told.ready()) {
                said.append('\n').append(told.readLine());
            }
            throw new AssertionError(where + ": that request never passed; the worker said" + said + errors(), never);
        }
    }

    /** All at once. */
    private void kill(Target target, int concerned, List<Integer> killed) {
        killed.addAll(target.brokers(concerned, cluster.size()));
        List<CompletableFuture<Void>> kills = new ArrayList<>();
        killed.forEach(broker -> kills.add(CompletableFuture.runAsync(() -> cluster.kill(broker))));
        if (target.hitsClient()) {
            worker.toHandle().destroyForcibly(); // Process.destroy would close its streams
        }
        kills.forEach(CompletableFuture::join);
    }

    private void spin() {
        long most = (long) (random.nextInt(MOST_MICROS) * random.nextDouble());
        for (long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(most); System.nanoTime() < until; ) {
            Thread.onSpinWait();
        }
    }

    /** Notes what the client said; whether that was the last for now. */
    private boolean take(String line, String where) throws IOException {
        if (line == null || line.equals(LocalWorker.DONE)) {
            return true;
        }
        assertTrue(!line.startsWith(LocalWorker.FAILED), () -> where + ": " + line + errors());
        transactions.onTold(line);
        return false;
    }

    private String errors() {
        StringBuilder all = new StringBuilder();
        try (var files = Files.list(directory)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".err")).toList()) {
                all.append('\n').append(file).append('\n').append(Files.readString(file));
            }
        } catch (IOException e) {
            all.append(e);
        }
        return all.toString();
    }

    private JMSContext subscriber() {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(cluster.url());
        JMSContext context = factory.createContext();
        context.setClientID("auditor");
        return context;
    }

    /** A commit that a killed client had sent may take place yet: what is not right must become so soon. */
    private void check(String where) throws JMSException {
        try (JMSContext context = subscriber()) {
            await().atMost(PATIENCE).pollDelay(Duration.ZERO).untilAsserted(() -> look(context, where));
        }
        transactions.endRound();
    }

    private void look(JMSContext context, String where) throws JMSException {
        for (String queue : LocalWorker.QUEUES) {
            try (JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
                drain(queue, consumer, where);
            }
        }
        try (JMSConsumer consumer =
                context.createDurableConsumer(context.createTopic(LocalWorker.TOPIC), LocalWorker.TOPIC)) {
            drain(LocalWorker.TOPIC, consumer, where);
        }
        List<String> waiting = new ArrayList<>();
        for (String queue : LocalWorker.IN) {
            try (QueueBrowser browser = context.createBrowser(context.createQueue(queue))) {
                Enumeration<?> messages = browser.getEnumeration();
                while (messages.hasMoreElements()) {
                    waiting.add(((TextMessage) messages.nextElement()).getText());
                }
            }
        }
        transactions.check(waiting, where);
    }

    private void drain(String destination, JMSConsumer consumer, String where) throws JMSException {
        for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
            String text = ((TextMessage) message).getText();
            transactions.onFound(
                    destination, message.getStringProperty(LocalWorker.TRANSACTION), text.split(" ", 2)[0], where);
        }
    }

    @Test
    void theCheckerFindsWhatIsHalfDone() {
        Transactions told = new Transactions();
        told.onSent("a");
        told.onTold("COMMITTING t mark-t a");
        told.onTold("COMMITTED t");
        told.onFound(LocalWorker.QUEUES.get(0), "t", "mark-t", "here");
        AssertionError failure = assertThrows(AssertionError.class, () -> told.check(List.of(), "here"));
        assertTrue(failure.getMessage().contains("t is half done"), failure.getMessage());
    }
}
