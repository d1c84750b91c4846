// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
    /** Where the end offset of a replacement's name begins, and where the dot behind it stands. */
    private static final int END = FileNames.DIGITS + 1;

    private static final int END_END = END + FileNames.DIGITS;

    static SegmentName written(long baseOffset) {
        return new SegmentName(baseOffset, -1, 0);
    }

    /** {@code null} when the file is no segment. */
    static @Nullable SegmentName of(Path path) {
        String name = String.valueOf(path.getFileName());
        int stem = name.length() - SUFFIX.length();
        long base = FileNames.number(name, 0, FileNames.DIGITS);
        if (base < 0 || !name.endsWith(SUFFIX)) {
            return null;
        }
        if (stem == FileNames.DIGITS) {
            return written(base);
        }
        long end = FileNames.number(name, END, END_END);
        long generation = FileNames.number(name, END_END + 1, stem);
        boolean fits =
                end >= 0 && generation >= 0 && name.charAt(FileNames.DIGITS) == '-' && name.charAt(END_END) == '.';
        return fits ? new SegmentName(base, end, generation) : null;
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
        String base = FileNames.padded(baseOffset);
        return isReplacement() ? base + "-" + FileNames.padded(endOffset) + "." + generation : base;
    }
}
