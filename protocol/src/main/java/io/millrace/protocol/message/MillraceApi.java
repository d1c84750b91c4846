// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The private API keys. They start at 20,000, far from Kafka's, and have one version each until one must change. */
public enum MillraceApi {
    CONNECT(20_000),
    OPEN_DESTINATION(20_001),
    SUBSCRIBE(20_002),
    PULL(20_003),
    DRAIN(20_004),
    ACKNOWLEDGE(20_005),
    RECOVER_SESSION(20_006),
    CLOSE_CONSUMER(20_007),
    CLOSE_SESSION(20_008),
    COMMIT(20_009),
    HEARTBEAT(20_010),
    UNSUBSCRIBE(20_011),
    BROWSE(20_012),
    CREATE_TEMPORARY(20_013),
    DELETE_TEMPORARY(20_014),
    PREPARE(20_015),
    END_BRANCH(20_016),
    LIST_BRANCHES(20_017),
    BEGIN_BUNDLE(20_018),
    ASK_DECISION(20_019),
    END_BUNDLE(20_022),
    ASK_DELETION(20_023),
    SPILL(20_024),
    LIST_GROUPS(20_020),
    MANAGE_GROUP(20_021),
    DISCONNECT(20_030);

    public static final short FIRST_KEY = 20_000;

    private static final Map<Short, MillraceApi> BY_KEY =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(MillraceApi::key, api -> api));

    private final short key;

    MillraceApi(int key) {
        this.key = (short) key;
    }

    public short key() {
        return key;
    }

    /** The API with this key, or {@code null} when the key is not one of Millrace's. */
    public static @Nullable MillraceApi forKey(short key) {
        return BY_KEY.get(key);
    }
}
