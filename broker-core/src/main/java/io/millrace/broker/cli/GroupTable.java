// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.protocol.message.ListGroups;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints queues and subscriptions in columns. */
final class GroupTable {
    private static final List<String> TITLES = List.of(
            "DESTINATION",
            "KIND",
            "NAME",
            "PARTITION",
            "DEPTH",
            "IN-FLIGHT",
            "DELAYED",
            "DEAD",
            "CONSUMERS",
            "STATE",
            "OLDEST");

    private GroupTable() {}

    static void print(PrintWriter out, List<ListGroups.Group> groups) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(TITLES);
        for (ListGroups.Group group : groups) {
            rows.add(List.of(
                    group.destination(),
                    group.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    group.name(),
                    Integer.toString(group.partition()),
                    Long.toString(group.depth()),
                    Long.toString(group.inFlight()),
                    Long.toString(group.delayed()),
                    Long.toString(group.dead()),
                    Integer.toString(group.consumers()),
                    group.paused() ? "paused" : "active",
                    group.oldestMs() < 0
                            ? "-"
                            : Instant.ofEpochMilli(group.oldestMs()).toString()));
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(one -> one.get(at).length())
                        .max()
                        .orElse(0);
                line.append(row.get(column))
                        .append(" ".repeat(width - row.get(column).length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
        out.flush();
    }
}
