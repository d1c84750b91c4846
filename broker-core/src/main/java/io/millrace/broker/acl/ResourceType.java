// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.acl;

import org.jspecify.annotations.Nullable;

/** What rules are about; the codes are Kafka's. */
public enum ResourceType {
    TOPIC(2),
    GROUP(3),
    CLUSTER(4),
    TRANSACTIONAL_ID(5);

    /** The only name of a {@link #CLUSTER}. */
    public static final String CLUSTER_NAME = "kafka-cluster";

    private final byte code;

    ResourceType(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /** The type with this code, or {@code null}. */
    public static @Nullable ResourceType forCode(byte code) {
        for (ResourceType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
