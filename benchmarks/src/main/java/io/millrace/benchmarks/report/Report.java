// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Collects what a run found and writes it as Markdown. For one thread. */
public final class Report {
    private final List<String> notes = new ArrayList<>();
    private final List<String> comparisons = new ArrayList<>();
    private final List<String> figures = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** A line of text that belongs to the run: the machine, the settings. */
    public void note(String line) {
        notes.add(line);
        System.err.println("  " + line);
    }

    /** One figure of one server. */
    public void figure(String load, Metric metric, String who, Samples samples) {
        String row = "| %s | %s | %s | %s %s |".formatted(load, metric.name(), who, samples.format(), metric.unit());
        figures.add(row);
        System.err.println("  " + row);
    }

    /** Sets one server beside another; the ratio is {@code ours / theirs} of the medians. */
    public void compare(
            String load, Metric metric, String us, Samples ours, String them, Samples theirs, @Nullable Target target) {
        double ratio = ours.median() / theirs.median();
        comparisons.add("| %s, %s | %s: %s %s | %s: %s %s | %s | %s | %s |"
                .formatted(
                        load,
                        metric.name(),
                        us,
                        ours.format(),
                        metric.unit(),
                        them,
                        theirs.format(),
                        metric.unit(),
                        String.format(Locale.ROOT, "%.2fx", ratio),
                        target == null ? "" : target,
                        verdict(target, ratio)));
        System.err.printf(
                Locale.ROOT, "  %s, %s: %s / %s = %.2fx%s%n", load, metric.name(), us, them, ratio, suffix(target));
    }

    /** Holds a figure against a limit that no peer sets. */
    public void check(String load, Metric metric, String us, Samples ours, Target target) {
        comparisons.add("| %s, %s | %s: %s %s | | | %s | %s |"
                .formatted(
                        load, metric.name(), us, ours.format(), metric.unit(), target, verdict(target, ours.median())));
        System.err.printf(
                "  %s, %s: %s %s %s%s%n", load, metric.name(), us, ours.format(), metric.unit(), suffix(target));
    }

    /** A load that could not be run; the run goes on without it. */
    public void failed(String load, Throwable cause) {
        failures.add("| %s | %s |".formatted(load, cause));
        System.err.println("  FAILED " + load + ": " + cause);
    }

    public boolean hasFailures() {
        return !failures.isEmpty();
    }

    private static String verdict(@Nullable Target target, double figure) {
        if (target == null) {
            return "";
        }
        return target.isMet(figure) ? "yes" : "**no**";
    }

    private static String suffix(@Nullable Target target) {
        return target == null ? "" : ", to reach: " + target;
    }

    /** The whole report. */
    public String toMarkdown(String title) {
        StringBuilder text = new StringBuilder("# ").append(title).append("\n\n");
        notes.forEach(note -> text.append("- ").append(note).append('\n'));
        if (!comparisons.isEmpty()) {
            text.append("\n## Against the targets\n\nMedian of the rounds, least and largest in brackets.\n\n")
                    .append(
                            "| load | Millrace | beside it | ratio | to reach | reached |\n|---|---|---|---|---|---|\n");
            comparisons.forEach(row -> text.append(row).append('\n'));
        }
        if (!figures.isEmpty()) {
            text.append("\n## All figures\n\n| load | figure | server | value |\n|---|---|---|---|\n");
            figures.forEach(row -> text.append(row).append('\n'));
        }
        if (!failures.isEmpty()) {
            text.append("\n## Not measured\n\n| load | why |\n|---|---|\n");
            failures.forEach(row -> text.append(row).append('\n'));
        }
        return text.toString();
    }
}
