// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the page shows: the latest orders and the figures since the start. In memory; safe for any thread. */
@ApplicationScoped
public class Board {
    private static final int LINES = 500;
    private static final int REMEMBERED = 100_000;

    private final Map<String, JsonObject> lines = bounded(LINES);
    private final Map<String, Integer> done = bounded(REMEMBERED);
    private long version;
    private long placed;
    private long processed;
    private long duplicates;

    private static <V> Map<String, V> bounded(int size) {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > size;
            }
        };
    }

    synchronized void placed(Order order) {
        placed++;
        if (!lines.containsKey(order.id())) {
            line(order.toJson(), "placed");
        }
    }

    synchronized void processed(Order order) {
        if (done.merge(order.id(), 1, Integer::sum) == 1) {
            processed++;
        } else {
            duplicates++;
        }
    }

    /** How often the order was processed: more than once after a crash between the work and its acknowledgement. */
    synchronized int timesProcessed(String id) {
        return done.getOrDefault(id, 0);
    }

    synchronized void received(JsonObject order) {
        line(order, "received");
    }

    private void line(JsonObject order, String state) {
        version++;
        lines.put(
                order.getString("id"),
                Json.createObjectBuilder(order)
                        .add("state", state)
                        .add("version", version)
                        .build());
    }

    /** The lines that are new or have changed since that version. */
    synchronized JsonObject since(long seen) {
        JsonArrayBuilder changed = Json.createArrayBuilder();
        lines.values().stream()
                .filter(line -> line.getJsonNumber("version").longValue() > seen)
                .forEach(changed::add);
        return Json.createObjectBuilder()
                .add("version", version)
                .add("orders", changed)
                .build();
    }

    synchronized JsonObject stats() {
        return Json.createObjectBuilder()
                .add("placed", placed)
                .add("processed", processed)
                .add("duplicates", duplicates)
                .build();
    }
}
