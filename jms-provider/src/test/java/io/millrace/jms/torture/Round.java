// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * One kill.
 *
 * @param target what is killed
 * @param at at which step of a commit; {@code null} for a moment by chance
 * @param afterMs that moment, milliseconds after the worker has recovered
 */
record Round(Target target, CrashPoint at, int afterMs) {
    private static final int MOST_MS = 1_500;

    /** What is killed. */
    enum Target {
        MANAGER,
        FIRST_BROKER,
        SECOND_BROKER
    }

    /** Every step with every target once, shuffled, and as many moments by chance; over again until there are enough. */
    static List<Round> plan(int count, Set<Target> targets, Random random) {
        List<Round> rounds = new ArrayList<>();
        while (rounds.size() < count) {
            List<Round> next = new ArrayList<>();
            for (Target target : new TreeSet<>(targets)) {
                for (CrashPoint.Call call : CrashPoint.Call.values()) {
                    for (int resource = 1; resource <= 2; resource++) {
                        next.add(new Round(target, new CrashPoint(call, false, resource), 0));
                        next.add(new Round(target, new CrashPoint(call, true, resource), 0));
                        next.add(new Round(target, null, random.nextInt(MOST_MS)));
                        next.add(new Round(target, null, random.nextInt(MOST_MS)));
                    }
                }
            }
            Collections.shuffle(next, random);
            rounds.addAll(next);
        }
        return rounds.subList(0, count);
    }
}
