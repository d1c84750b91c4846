// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Topics as requests name them: by name before version 10 of the offset APIs, by id from then on (KIP-848). */
record KnownTopics(ClusterView view, boolean byId) {
    private static final short FIRST_VERSION_WITH_IDS = 10;

    static KnownTopics of(ClusterView view, short apiVersion) {
        return new KnownTopics(view, apiVersion >= FIRST_VERSION_WITH_IDS);
    }

    @Nullable
    TopicInfo find(String name, Uuid id) {
        return byId ? view.topic(uuid(id)) : view.topic(name);
    }

    Errors unknown() {
        return byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    static UUID uuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    static Uuid kafkaId(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
