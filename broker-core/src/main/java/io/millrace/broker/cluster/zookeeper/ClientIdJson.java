// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the ephemeral of a JMS client id says:
 *
 * <pre>{"client":"4f...","broker":0,"incarnation":"9a..."}</pre>
 *
 * @param client whose id it is
 * @param broker the id of the broker that it was taken through
 * @param incarnation that broker's
 */
record ClientIdJson(UUID client, int broker, UUID incarnation) {

    byte[] toBytes() {
        return Json.object(json -> {
            json.writeStringField("client", client.toString());
            json.writeNumberField("broker", broker);
            json.writeStringField("incarnation", incarnation.toString());
        });
    }

    static ClientIdJson fromBytes(String path, byte[] bytes) {
        Fields fields = new Fields();
        Json.parse(path, bytes, (name, json) -> {
            switch (name) {
                case "client" -> fields.client = UUID.fromString(json.getText());
                case "broker" -> fields.broker = json.getIntValue();
                case "incarnation" -> fields.incarnation = UUID.fromString(json.getText());
                default -> json.skipChildren();
            }
        });
        return fields.build(path);
    }

    private static final class Fields {
        private @Nullable UUID client;
        private int broker = -1;
        private @Nullable UUID incarnation;

        private ClientIdJson build(String path) {
            if (client == null || broker < 0 || incarnation == null) {
                throw new IllegalArgumentException("znode " + path + " is not the claim of a client id");
            }
            return new ClientIdJson(client, broker, incarnation);
        }
    }
}
