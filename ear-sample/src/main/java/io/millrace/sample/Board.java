// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.EJB;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the page shows: the latest orders, each with the version of its last change. In memory. */
@Singleton
@Startup
public class Board {
    private static final int LINES = 200;
    private static final List<String> STATES = List.of("placed", "paid", "shipped");

    @EJB
    private Orders orders;

    private final Map<String, JsonObject> lines = new LinkedHashMap<>();
    private long version;

    /** Starts with what is in the database; from then on it lives on what the topic brings. */
    @PostConstruct
    void load() {
        orders.latest().getValuesAs(JsonObject.class).forEach(this::show);
    }

    /** An older state than the one that is shown changes nothing. */
    public void show(JsonObject order) {
        JsonObject shown = lines.get(order.getString("id"));
        if (shown == null || STATES.indexOf(shown.getString("state")) < STATES.indexOf(order.getString("state"))) {
            JsonObject line =
                    Json.createObjectBuilder(order).add("version", ++version).build();
            lines.put(order.getString("id"), line);
            if (lines.size() > LINES) {
                lines.remove(lines.keySet().iterator().next());
            }
        }
    }

    /** The lines that are new or have changed since that version. */
    public Map<String, Object> since(long seen) {
        List<JsonObject> changed = lines.values().stream()
                .filter(line -> line.getJsonNumber("version").longValue() > seen)
                .toList();
        return Map.of("version", version, "orders", changed);
    }
}
