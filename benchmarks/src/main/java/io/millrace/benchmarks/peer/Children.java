// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All processes this one has started, so that none outlives it. Safe for any thread. */
final class Children {
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Children::killAll, "kill-children"));
    }

    private Children() {}

    static void add(Process process) {
        ALIVE.add(process);
        var unused = process.onExit().thenAccept(ALIVE::remove);
    }

    private static void killAll() {
        for (Process process : ALIVE) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
