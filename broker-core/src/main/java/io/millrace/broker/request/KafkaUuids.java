// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Topic ids on the wire and inside. */
public final class KafkaUuids {
    private KafkaUuids() {}

    public static Uuid toKafka(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    public static UUID fromKafka(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    static boolean isSet(Uuid id) {
        return !Uuid.ZERO_UUID.equals(id);
    }
}
