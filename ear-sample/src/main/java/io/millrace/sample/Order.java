// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;

/** An order; on the wire JSON text, so that any Kafka client reads it too. */
record Order(String id, String item, int quantity) {
    static Order parse(String json) {
        try (var reader = Json.createReader(new StringReader(json))) {
            JsonObject order = reader.readObject();
            return new Order(order.getString("id"), order.getString("item"), order.getInt("quantity"));
        }
    }

    JsonObject toJson() {
        return Json.createObjectBuilder()
                .add("id", id)
                .add("item", item)
                .add("quantity", quantity)
                .build();
    }
}
