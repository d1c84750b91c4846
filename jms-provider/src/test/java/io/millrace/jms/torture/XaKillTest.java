// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TextMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Distributed transactions of Narayana's transaction manager over two brokers, each of the three killed with {@code kill
 * -9}: at every step of a two-phase commit, then at random. After each kill what was killed comes back and recovers; then
 * each message is still in the first queue, or exactly once in both of the others. The same with a Derby database in the
 * place of the second broker, which dies with the transaction manager.
 *
 * <p>{@code -Dxa.rounds=N} rounds (the default takes every crash point of the transaction manager's once in about four
 * builds), {@code -Dxa.seed=S} as a run has printed.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class XaKillTest {
    private static final int ROUNDS = Integer.getInteger("xa.rounds", 4);
    private static final long SEED = Long.getLong("xa.seed", System.nanoTime());
    private static final int MESSAGES = 40;
    private static final int TRANSACTIONS = 12;
    private static final int BROKERS = 2;

    @TempDir
    Path directory;

    private final Random random = new Random(SEED);
    private final List<KilledBroker> brokers = new ArrayList<>();
    private final Set<String> sent = new TreeSet<>();
    /** The second resource's URL when it is a database, and what is in it. */
    private String database;

    private final List<String> rows = new ArrayList<>();
    private Process worker;
    private int starts;

    private BufferedReader startWorker(int transactions, String plan) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                NarayanaWorker.class.getName(),
                brokers.get(0).url(),
                database == null ? brokers.get(1).url() : database,
                directory.resolve("transactions").toString(),
                Long.toString(random.nextLong()),
                Integer.toString(transactions)));
        if (!plan.isEmpty()) {
            command.add(plan);
        }
        Path errors = directory.resolve("worker-" + starts++ + ".err");
        worker = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        return worker.inputReader();
    }

    @AfterEach
    void stop() {
        brokers.forEach(KilledBroker::close);
        if (worker != null) {
            worker.destroyForcibly();
        }
    }

    @Test
    void noKillLosesDoublesOrTearsATransaction() throws Exception {
        killAll(Set.of(Round.Target.values()));
    }

    @Test
    void noKillTearsATransactionOfABrokerAndADatabase() throws Exception {
        database = SecondResource.DATABASE + directory.resolve("database");
        killAll(Set.of(Round.Target.MANAGER, Round.Target.FIRST_BROKER));
    }

    private void killAll(Set<Round.Target> targets) throws Exception {
        System.out.println("xa.seed=" + SEED);
        for (int i = 0; i < (database == null ? BROKERS : 1); i++) {
            brokers.add(new KilledBroker(directory, i, KilledBroker.freePort()));
            brokers.get(i).start();
        }
        List<Round> rounds = Round.plan(ROUNDS, targets, random);
        for (int i = 0; i < rounds.size(); i++) {
            Round round = rounds.get(i);
            send(i);
            run(round);
            String where = "round " + i + ", " + round + ", xa.seed=" + SEED;
            recover(where);
            check(where);
            System.out.println(where + ": right");
        }
    }

    private void send(int round) {
        try (JMSContext context = new MillraceConnectionFactory(brokers.get(0).url()).createContext()) {
            for (int i = 0; i < MESSAGES / 4; i++) {
                String text = round + "-" + i;
                context.createProducer().send(context.createQueue(NarayanaWorker.IN), text);
                sent.add(text);
            }
        }
    }

    private void run(Round round) throws Exception {
        if (round.target() == Round.Target.MANAGER && round.at() != null) {
            BufferedReader out = startWorker(TRANSACTIONS, NarayanaWorker.HALT + "@" + round.at());
            follow(out, null);
            assertEquals(9, worker.waitFor(), "the worker has passed its crash point");
            return;
        }
        BufferedReader out = startWorker(TRANSACTIONS, round.at() == null ? "" : "pause@" + round.at());
        if (round.at() != null) {
            follow(out, NarayanaWorker.PAUSED);
            kill(round.target());
            if (round.target() != Round.Target.MANAGER) {
                worker.getOutputStream().write('\n');
                worker.getOutputStream().flush();
            }
        } else {
            follow(out, NarayanaWorker.RECOVERED);
            CompletableFuture.runAsync(
                            () -> {
                                try {
                                    kill(round.target());
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            CompletableFuture.delayedExecutor(round.afterMs(), TimeUnit.MILLISECONDS))
                    .join();
        }
        follow(out, null);
        worker.waitFor();
    }

    /** Kills, and starts the broker again. */
    private void kill(Round.Target target) throws Exception {
        switch (target) {
            case MANAGER -> worker.toHandle().destroyForcibly(); // Process.destroy would close its streams
            case FIRST_BROKER -> {
                brokers.get(0).kill();
                brokers.get(0).start();
            }
            case SECOND_BROKER -> {
                brokers.get(1).kill();
                brokers.get(1).start();
            }
        }
    }

    /** Reads on until a line, or the end. */
    private static void follow(BufferedReader out, String until) {
        try {
            for (String line = out.readLine(); line != null && !line.equals(until); line = out.readLine()) {
                assertTrue(!line.startsWith(NarayanaWorker.HEURISTIC), line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void recover(String where) throws Exception {
        List<String> lines = startWorker(0, "").lines().toList();
        rows.clear();
        lines.stream()
                .filter(line -> line.startsWith(NarayanaWorker.ROW))
                .forEach(line -> rows.add(line.substring(NarayanaWorker.ROW.length())));
        worker.waitFor();
        assertTrue(lines.contains(NarayanaWorker.DONE), where + ": recovery said " + lines + errors());
    }

    private String errors() throws IOException {
        StringBuilder all = new StringBuilder();
        try (var files = Files.list(directory)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".err")).toList()) {
                all.append('\n').append(file).append('\n').append(Files.readString(file));
            }
        }
        return all.toString();
    }

    private void check(String where) throws JMSException {
        List<String> here = browse(0, NarayanaWorker.OUT);
        List<String> there = database == null ? browse(1, NarayanaWorker.OUT) : rows;
        List<String> waiting = browse(0, NarayanaWorker.IN);
        assertEquals(new HashSet<>(here).size(), here.size(), where + ": doubled in the first broker: " + here);
        assertEquals(new HashSet<>(there).size(), there.size(), where + ": doubled in the second resource: " + there);
        assertEquals(new TreeSet<>(here), new TreeSet<>(there), where + ": half done");
        Set<String> all = new TreeSet<>(here);
        all.addAll(waiting);
        assertEquals(sent, all, where + ": lost");
        assertEquals(sent.size(), here.size() + waiting.size(), where + ": moved and still there");
    }

    /** What is in a queue. */
    private List<String> browse(int broker, String queue) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (JMSContext context =
                        new MillraceConnectionFactory(brokers.get(broker).url()).createContext();
                QueueBrowser browser = context.createBrowser(context.createQueue(queue))) {
            Enumeration<?> messages = browser.getEnumeration();
            while (messages.hasMoreElements()) {
                texts.add(((TextMessage) messages.nextElement()).getText());
            }
        }
        return texts;
    }
}
