// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a segment's file is called: {@code <base>.log} as it was written, {@code <base>-<end>.<generation>.log} when it
 * took the place of all segments of a lower generation that start in {@code [base, end)}. That one name is the whole
 * swap: once it stands in the directory the others count no more, whether they are deleted yet or not.
 *
 * @param endOffset one above the last offset it stands for; -1 for a segment as it was written
 * @param generation 0 for a segment as it was written
 */
record SegmentName(long baseOffset, long endOffset, long generation) {
    private static final String SUFFIX = ".log";
    private static final String UNFINISHED = ".cleaned";
    private static final String INDEX_SUFFIX = ".index";
    private static final Pattern NAME = Pattern.compile("(\\d{20})(?:-(\\d{20})\\.(\\d{1,18}))?\\.log");

    static SegmentName written(long baseOffset) {
        return new SegmentName(baseOffset, -1, 0);
    }

    /** {@code null} when the file is no segment. */
    static @Nullable SegmentName of(Path path) {
        Matcher parts = NAME.matcher(String.valueOf(path.getFileName()));
        if (!parts.matches()) {
            return null;
        }
        long base = Long.parseLong(parts.group(1));
        return parts.group(2) == null
                ? written(base)
                : new SegmentName(base, Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)));
    }

    /** Whether it took the place of others: then it was synced before it got its name, and is never appended to. */
    boolean isReplacement() {
        return endOffset >= 0;
    }

    /** Whether {@code other} counts no more beside this one. */
    boolean supersedes(SegmentName other) {
        return isReplacement()
                && other.generation < generation
                && other.baseOffset >= baseOffset
                && other.baseOffset < endOffset;
    }

    /** Those that no other supersedes, ascending. */
    static List<SegmentName> current(List<SegmentName> all) {
        List<SegmentName> kept = new ArrayList<>();
        for (SegmentName name : all) {
            if (all.stream().noneMatch(other -> other.supersedes(name))) {
                kept.add(name);
            }
        }
        kept.sort(Comparator.comparingLong(SegmentName::baseOffset));
        return kept;
    }

    Path path(Path directory) {
        return directory.resolve(stem() + SUFFIX);
    }

    Path indexPath(Path directory) {
        return directory.resolve(stem() + INDEX_SUFFIX);
    }

    /** Where a replacement is written before it counts. */
    Path unfinishedPath(Path directory) {
        return directory.resolve(stem() + SUFFIX + UNFINISHED);
    }

    /** Whether the file is a replacement that was never finished. */
    static boolean isUnfinished(Path path) {
        return String.valueOf(path.getFileName()).endsWith(SUFFIX + UNFINISHED);
    }

    private String stem() {
        String base = String.format("%020d", baseOffset);
        return isReplacement() ? base + String.format("-%020d.%d", endOffset, generation) : base;
    }
}
