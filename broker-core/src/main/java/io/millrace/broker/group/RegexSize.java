// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many elements an RE2 expression has once its counted repetitions are written out, as compiling does: {@code
 * (a{1000}){1000}} has a million. An estimate that is never far too low, also for what is no valid expression; it takes
 * one pass and memory for the groups that are open.
 */
public final class RegexSize {
    private static final Pattern COUNT = Pattern.compile("\\{(\\d{1,9})(,(\\d{0,9}))?\\}");

    private final String regex;
    private final Matcher count;
    private final Deque<Long> open = new ArrayDeque<>();
    private int at;
    /** The size of the present group, and of the last element in it. */
    private long sum;

    private long last;

    private RegexSize(String regex) {
        this.regex = regex;
        this.count = COUNT.matcher(regex);
    }

    public static long of(String regex) {
        return new RegexSize(regex).total();
    }

    private long total() {
        while (at < regex.length()) {
            char c = regex.charAt(at);
            switch (c) {
                case '\\' -> onEscape();
                case '[' -> {
                    skipClass();
                    add(1);
                }
                case '(' -> {
                    open.push(sum);
                    sum = 0;
                    at++;
                }
                case ')' -> {
                    // One that closes nothing makes all so far an element: too much rather than too little.
                    last = sum;
                    sum = cut((open.isEmpty() ? 0 : open.pop()) + sum);
                    at++;
                }
                case '{' -> onBrace();
                default -> {
                    add(1);
                    at++;
                }
            }
        }
        while (!open.isEmpty()) {
            sum = cut(sum + open.pop());
        }
        return sum;
    }

    private void add(long size) {
        last = size;
        sum = cut(sum + size);
    }

    private void onEscape() {
        if (!regex.startsWith("\\Q", at)) {
            add(1);
            at += 2;
            return;
        }
        int end = regex.indexOf("\\E", at);
        int quoted = end < 0 ? regex.length() : end;
        add(quoted - at);
        at = quoted + 2;
    }

    private void skipClass() {
        at++;
        if (at < regex.length() && regex.charAt(at) == '^') {
            at++;
        }
        int first = at;
        while (at < regex.length() && (at == first || regex.charAt(at) != ']')) {
            boolean named = regex.startsWith("[:", at) && regex.indexOf(":]", at) > 0;
            at = named ? regex.indexOf(":]", at) + 2 : at + (regex.charAt(at) == '\\' ? 2 : 1);
        }
        at++;
    }

    private void onBrace() {
        if (!count.region(at, regex.length()).lookingAt()) {
            add(1);
            at++;
            return;
        }
        String most = count.group(3);
        long times = Long.parseLong(most == null || most.isEmpty() ? count.group(1) : most);
        long repeated = cut(last * Math.max(1, times));
        sum = cut(sum - last + repeated);
        last = repeated;
        at = count.end();
    }

    /** Keeps products from running over. */
    private static long cut(long size) {
        return Math.min(size, Integer.MAX_VALUE);
    }
}
