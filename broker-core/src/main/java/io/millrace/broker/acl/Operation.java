// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.acl;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one may do; the codes are Kafka's. */
public enum Operation {
    ALL(2),
    READ(3),
    WRITE(4),
    CREATE(5),
    DELETE(6),
    ALTER(7),
    DESCRIBE(8),
    CLUSTER_ACTION(9),
    DESCRIBE_CONFIGS(10),
    ALTER_CONFIGS(11),
    IDEMPOTENT_WRITE(12);

    private final byte code;

    Operation(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /** The operation with this code, or {@code null}. */
    public static @Nullable Operation forCode(byte code) {
        for (Operation operation : values()) {
            if (operation.code == code) {
                return operation;
            }
        }
        return null;
    }

    /** Whether a rule that allows this allows {@code wanted} too. */
    boolean implies(Operation wanted) {
        return this == ALL
                || this == wanted
                || (wanted == DESCRIBE && Set.of(READ, WRITE, DELETE, ALTER).contains(this))
                || (wanted == DESCRIBE_CONFIGS && this == ALTER_CONFIGS);
    }
}
