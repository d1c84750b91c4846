// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.cluster.BrokerInfo;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a broker writes into its ephemeral. Clients that find brokers through ZooKeeper read {@code host} and {@code
 * port}, the names Kafka used:
 *
 * <pre>{"id":0,"incarnation":"4f...","directory":"9a...","host":"127.0.0.1","port":9092,"rack":"r1"}</pre>
 *
 * @param info the broker
 * @param directoryId its data directory
 */
record BrokerJson(BrokerInfo info, UUID directoryId) {

    byte[] toBytes() {
        return Json.object(json -> {
            json.writeNumberField("id", info.id());
            json.writeStringField("incarnation", info.incarnation().toString());
            json.writeStringField("directory", directoryId.toString());
            json.writeStringField("host", info.host());
            json.writeNumberField("port", info.port());
            if (info.rack() != null) {
                json.writeStringField("rack", info.rack());
            }
        });
    }

    static BrokerJson fromBytes(String path, byte[] bytes) {
        Fields fields = new Fields();
        Json.parse(path, bytes, (name, json) -> {
            switch (name) {
                case "id" -> fields.id = json.getIntValue();
                case "incarnation" -> fields.incarnation = UUID.fromString(json.getText());
                case "directory" -> fields.directory = UUID.fromString(json.getText());
                case "host" -> fields.host = json.getText();
                case "port" -> fields.port = json.getIntValue();
                case "rack" -> fields.rack = json.getText();
                default -> json.skipChildren();
            }
        });
        return fields.build(path);
    }

    private static final class Fields {
        private int id = -1;
        private @Nullable UUID incarnation;
        private @Nullable UUID directory;
        private @Nullable String host;
        private int port;
        private @Nullable String rack;

        private BrokerJson build(String path) {
            if (id < 0 || incarnation == null || directory == null || host == null) {
                throw new IllegalArgumentException("znode " + path + " is not a Millrace broker's registration");
            }
            return new BrokerJson(new BrokerInfo(id, incarnation, host, port, rack), directory);
        }
    }
}
