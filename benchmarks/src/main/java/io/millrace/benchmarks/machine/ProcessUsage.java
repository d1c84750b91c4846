// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.machine;

import java.nio.file.Path;
import java.util.Optional;

/** Memory and processor time of a process, from Linux's /proc (proc(5)). */
public final class ProcessUsage {
    private static final double TICKS_PER_SECOND = 100;

    private ProcessUsage() {}

    /** Resident memory, mapped files included, in MB (10^6 bytes); NaN where it is not known. */
    public static double residentMb(long pid) {
        return status(pid, "VmRSS");
    }

    /** Resident memory that is no file's, in MB (10^6 bytes); NaN where it is not known. */
    public static double anonymousMb(long pid) {
        return status(pid, "RssAnon");
    }

    private static double status(long pid, String key) {
        return ProcFile.value(Path.of("/proc", Long.toString(pid), "status"), key)
                .map(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024 / 1e6)
                .orElse(Double.NaN);
    }

    /** Processor seconds that the process used so far, user and system; NaN where it is not known. */
    public static double cpuSeconds(long pid) {
        Optional<String> stat = ProcFile.text(Path.of("/proc", Long.toString(pid), "stat"));
        if (stat.isEmpty()) {
            return Double.NaN;
        }
        // Behind the name in brackets, which may hold blanks: fields 14 and 15 are the 12th and 13th there.
        String[] fields = stat.get().substring(stat.get().lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }
}
