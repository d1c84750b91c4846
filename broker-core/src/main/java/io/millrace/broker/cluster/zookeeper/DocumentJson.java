// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A document's znode:
 *
 * <pre>{"properties":{"producer_byte_rate":"1024"}}</pre>
 */
final class DocumentJson {
    private DocumentJson() {}

    static byte[] toBytes(Map<String, String> properties) {
        return Json.object(json -> {
            json.writeObjectFieldStart("properties");
            for (Map.Entry<String, String> property : new TreeMap<>(properties).entrySet()) {
                json.writeStringField(property.getKey(), property.getValue());
            }
            json.writeEndObject();
        });
    }

    static Map<String, String> fromBytes(String path, byte[] bytes) {
        Map<String, String> properties = new HashMap<>();
        Json.parse(path, bytes, (field, json) -> {
            if (field.equals("properties")) {
                Json.fields(json, (key, value) -> properties.put(key, value.getText()));
            } else {
                json.skipChildren();
            }
        });
        return properties;
    }
}
