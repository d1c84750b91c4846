// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.machine;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Describes the machine a run was made on. */
public final class Machine {
    private Machine() {}

    /** @param work a directory on the disk that is measured */
    public static List<String> describe(Path work) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("Run at "
                + DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
                        .format(ZonedDateTime.now(ZoneOffset.UTC)));
        lines.add("Processor: %s, %d of them for all processes"
                .formatted(
                        ProcFile.value(Path.of("/proc/cpuinfo"), "model name").orElse("unknown"),
                        Runtime.getRuntime().availableProcessors()));
        lines.add("Memory: "
                + ProcFile.value(Path.of("/proc/meminfo"), "MemTotal").orElse("unknown"));
        FileStore store = Files.getFileStore(work);
        lines.add("Disk: %s (%s), %d GB free".formatted(store.name(), store.type(), store.getUsableSpace() >> 30));
        lines.add("System: %s %s %s"
                .formatted(
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch")));
        lines.add("Java: %s %s".formatted(System.getProperty("java.vm.name"), System.getProperty("java.vm.version")));
        lines.add("Load before the run (1, 5, 15 min): "
                + ProcFile.text(Path.of("/proc/loadavg")).orElse("unknown"));
        return lines;
    }

    /** The directory that holds the jar or the classes this program runs from. */
    public static Path programDirectory() {
        try {
            Path program = Path.of(Machine.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return program.toAbsolutePath().resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
