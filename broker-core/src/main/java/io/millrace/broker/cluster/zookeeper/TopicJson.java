// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A topic's znode:
 *
 * <pre>{"id":"4f...","partitions":[{"owner":0,"leaderEpoch":3}],"config":{"retention.ms":"1000"}}</pre>
 */
final class TopicJson {
    private TopicJson() {}

    static byte[] toBytes(TopicInfo topic) {
        return Json.object(json -> {
            json.writeStringField("id", topic.id().toString());
            json.writeArrayFieldStart("partitions");
            for (PartitionOwnership partition : topic.partitions()) {
                json.writeStartObject();
                json.writeNumberField("owner", partition.owner());
                json.writeNumberField("leaderEpoch", partition.leaderEpoch());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeObjectFieldStart("config");
            for (Map.Entry<String, String> setting : topic.config().entrySet()) {
                json.writeStringField(setting.getKey(), setting.getValue());
            }
            json.writeEndObject();
        });
    }

    /** @param version the znode's version */
    static TopicInfo fromBytes(String name, byte[] bytes, int version) {
        String path = ZkPaths.topic(name);
        Fields fields = new Fields();
        Json.parse(path, bytes, (field, json) -> {
            switch (field) {
                case "id" -> fields.id = UUID.fromString(json.getText());
                case "partitions" -> readPartitions(json, fields.partitions);
                case "config" -> Json.fields(json, (key, value) -> fields.config.put(key, value.getText()));
                default -> json.skipChildren();
            }
        });
        if (fields.id == null || fields.partitions.isEmpty()) {
            throw new IllegalArgumentException("znode " + path + " is not a Millrace topic");
        }
        return new TopicInfo(fields.id, name, fields.partitions, fields.config, version);
    }

    private static void readPartitions(JsonParser json, List<PartitionOwnership> partitions) throws IOException {
        Json.expect(json.currentToken(), JsonToken.START_ARRAY);
        while (json.nextToken() == JsonToken.START_OBJECT) {
            int[] ownerAndEpoch = {-1, 0};
            Json.fields(json, (field, value) -> {
                switch (field) {
                    case "owner" -> ownerAndEpoch[0] = value.getIntValue();
                    case "leaderEpoch" -> ownerAndEpoch[1] = value.getIntValue();
                    default -> value.skipChildren();
                }
            });
            partitions.add(new PartitionOwnership(ownerAndEpoch[0], ownerAndEpoch[1]));
        }
        Json.expect(json.currentToken(), JsonToken.END_ARRAY);
    }

    private static final class Fields {
        private @Nullable UUID id;
        private final List<PartitionOwnership> partitions = new ArrayList<>();
        private final Map<String, String> config = new HashMap<>();
    }
}
