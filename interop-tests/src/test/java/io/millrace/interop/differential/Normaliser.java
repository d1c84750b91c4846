// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Renders an answer as JSON, freed of what two brokers may well answer differently: addresses, ids, times, the wording
 * of messages, the order of lists. For one thread.
 */
final class Normaliser {
    private static final Set<String> DROPPED =
            Set.of("throttleTimeMs", "errorMessage", "host", "port", "clusterId", "nodeEndpoints", "rack");
    /** Rendered as "set" when it is neither absent nor -1. */
    private static final Set<String> MASKED = Set.of(
            "producerId",
            "leaderEpoch",
            "nodeId",
            "leaderId",
            "controllerId",
            "brokerId",
            "logAppendTimeMs",
            "committedLeaderEpoch");

    /** Rendered as "some" when above 0: brokers do not count alike. */
    private static final Set<String> EPOCHS = Set.of("memberEpoch", "groupEpoch", "assignmentEpoch");

    private static final Set<String> BROKER_LISTS = Set.of("replicaNodes", "isrNodes");

    private final Map<String, String> aliases = new HashMap<>();

    void alias(String value, String alias) {
        aliases.put(value, alias);
    }

    String render(ApiMessage answer, short version) {
        return sorted(clean("", json(answer, version))).toString();
    }

    private static JsonNode json(ApiMessage message, short version) {
        try {
            Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
            for (Method write : converter.getMethods()) {
                if (write.getName().equals("write") && write.getParameterCount() == 2) {
                    return (JsonNode) write.invoke(null, message, version);
                }
            }
            throw new NoSuchMethodException("write in " + converter);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Kafka cannot render " + message.getClass(), e);
        }
    }

    private JsonNode clean(String name, JsonNode node) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (node instanceof ObjectNode object) {
            ObjectNode kept = make.objectNode();
            object.properties().forEach(field -> {
                if (!DROPPED.contains(field.getKey())) {
                    kept.set(field.getKey(), clean(field.getKey(), field.getValue()));
                }
            });
            // CreateTopics tells all settings; those are compared for themselves.
            kept.remove("configs");
            if (kept.path("errorCode").asInt(0) != 0) {
                // Filled in or not by what Kafka had looked up when it failed.
                kept.remove("logStartOffset");
            }
            return kept;
        }
        if (node instanceof ArrayNode array) {
            if (BROKER_LISTS.contains(name)) {
                return make.textNode(array.size() + " brokers");
            }
            ArrayNode kept = make.arrayNode();
            array.forEach(element -> kept.add(clean(name, element)));
            return kept;
        }
        if (MASKED.contains(name)) {
            return node.asLong(-1) == -1 ? node : make.textNode("set");
        }
        if (EPOCHS.contains(name) && node.asInt() > 0) {
            return make.textNode("some");
        }
        if (name.equals("topicId")) {
            return make.textNode(node.asText().equals("AAAAAAAAAAAAAAAAAAAAAA") ? "none" : "set");
        }
        String alias = aliases.get(node.asText());
        return alias == null ? node : make.textNode(alias);
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> field.setValue(sorted(field.getValue())));
        } else if (node instanceof ArrayNode array) {
            List<JsonNode> elements = new ArrayList<>();
            array.forEach(element -> elements.add(sorted(element)));
            elements.sort(Comparator.comparing(JsonNode::toString));
            return JsonNodeFactory.instance.arrayNode().addAll(elements);
        }
        return node;
    }
}
