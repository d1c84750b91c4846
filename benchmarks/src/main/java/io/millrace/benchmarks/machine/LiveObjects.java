// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.machine;

import io.millrace.benchmarks.BenchmarkException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What is reachable in the heap of a JVM, after a full collection, by the JDK's jcmd.
 *
 * @param bytes all of it
 * @param instances how many there are of each class
 */
public record LiveObjects(long bytes, Map<String, Long> instances) {
    /** Collects; takes a second or two of that JVM's time. */
    public static LiveObjects of(long pid) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            Process process = new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
                    .redirectErrorStream(true)
                    .start();
            Map<String, Long> instances = new HashMap<>();
            long bytes = -1;
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    // "num: instances bytes class (module)", at last "Total instances bytes".
                    String[] fields = line.trim().split("\\s+", -1);
                    if (fields[0].equals("Total")) {
                        bytes = Long.parseLong(fields[2]);
                    } else if (fields.length >= 4 && fields[0].matches("\\d+:")) {
                        instances.merge(fields[3], Long.parseLong(fields[1]), Long::sum);
                    }
                }
            }
            if (process.waitFor() != 0 || bytes < 0) {
                throw new BenchmarkException("jcmd says nothing of the heap of process " + pid);
            }
            return new LiveObjects(bytes, instances);
        } catch (IOException e) {
            throw new BenchmarkException("Cannot run " + jcmd, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("Interrupted", e);
        }
    }
}
