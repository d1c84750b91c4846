// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What a {@link LocalWorker} said of its transactions, what was found of them, and whether that is right. */
final class Transactions {
    private static final List<String> DESTINATIONS = new ArrayList<>(LocalWorker.QUEUES);

    static {
        DESTINATIONS.add(LocalWorker.TOPIC);
    }

    private final Set<String> sent = new HashSet<>();
    private final Set<String> forwarded = new HashSet<>();
    /** Those whose wholeness is still to be checked. */
    private final Map<String, Told> open = new LinkedHashMap<>();

    private final Map<String, Integer> outcomes = new HashMap<>();

    /** One transaction: what it sends to each destination, and what its client knows of its outcome. */
    private static final class Told {
        private final Set<String> texts;
        private String outcome = LocalWorker.UNKNOWN;
        private final Map<String, Set<String>> found = new HashMap<>();
        /** It was looked for in an earlier round. */
        private boolean isOld;

        Told(Set<String> texts) {
            this.texts = texts;
        }

        boolean isThere() {
            return !found.isEmpty();
        }
    }

    void onSent(String text) {
        sent.add(text);
    }

    void onTold(String line) {
        List<String> words = List.of(line.split(" "));
        if (words.get(0).equals(LocalWorker.COMMITTING)) {
            open.put(words.get(1), new Told(new TreeSet<>(words.subList(2, words.size()))));
        } else if (open.containsKey(words.get(1))) { // else it failed before it came to a commit
            open.get(words.get(1)).outcome = words.get(0);
        }
    }

    void onFound(String destination, String transaction, String text, String where) {
        Told told = open.get(transaction);
        if (told == null) {
            throw new AssertionError(where + ": " + text + " of transaction " + transaction + " in " + destination
                    + ", which was over and checked before, or never began to commit");
        }
        if (!told.found.computeIfAbsent(destination, any -> new TreeSet<>()).add(text)) {
            throw new AssertionError(where + ": " + text + " of " + transaction + " is doubled in " + destination);
        }
    }

    /**
     * That each transaction is whole, or not there, as its client was told, and that every message either waits or was
     * sent on once.
     *
     * @param waiting the messages that were not sent on
     */
    void check(List<String> waiting, String where) {
        Set<String> gone = new HashSet<>(forwarded);
        open.forEach((transaction, told) -> {
            for (String destination : DESTINATIONS) {
                Set<String> found = told.found.getOrDefault(destination, Set.of());
                Set<String> expected = told.isThere() ? told.texts : Set.of();
                expect(
                        found.equals(expected),
                        where,
                        transaction + " is half done: " + told.found + " of " + told.texts);
            }
            expect(
                    told.isThere() || !told.outcome.equals(LocalWorker.COMMITTED),
                    where,
                    transaction + " was committed, says its client, and is lost");
            expect(
                    !told.isThere() || !told.outcome.equals(LocalWorker.ROLLED_BACK),
                    where,
                    transaction + " was rolled back, says its client, and is there");
            if (told.isThere()) {
                told.texts.forEach(text -> expect(gone.add(text), where, text + " was sent on by two transactions"));
            }
        });
        Set<String> left = new HashSet<>();
        for (String text : waiting) {
            expect(left.add(text), where, text + " waits twice");
            expect(!gone.contains(text), where, text + " was sent on and is still there");
        }
        Set<String> lost = new TreeSet<>(sent);
        lost.removeAll(gone);
        lost.removeAll(left);
        expect(lost.isEmpty(), where, "lost: " + lost);
    }

    /** What was checked is over, but for transactions of killed clients that may come yet. */
    void endRound() {
        List<String> over = new ArrayList<>();
        open.forEach((transaction, told) -> {
            if (told.isThere() || told.isOld || !told.outcome.equals(LocalWorker.UNKNOWN)) {
                outcomes.merge(told.outcome + (told.isThere() ? " there" : " gone"), 1, Integer::sum);
                forwarded.addAll(told.isThere() ? told.texts : Set.of());
                over.add(transaction);
            }
            told.isOld = true;
        });
        open.keySet().removeAll(over);
    }

    private static void expect(boolean right, String where, String what) {
        if (!right) {
            throw new AssertionError(where + ": " + what);
        }
    }

    /** How many transactions ended how. */
    @Override
    public String toString() {
        return outcomes.toString();
    }
}
