// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.message.MillraceApi;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

class SupportedVersionsTest {
    private final SupportedVersions all = SupportedVersions.all();

    @Test
    void everyServedVersionExistsInTheCodec() {
        all.ranges().forEach((key, range) -> {
            if (MillraceApi.forKey(key) == null) {
                ApiMessageType type = ApiMessageType.fromApiKey(key);
                for (short version = range.min(); version <= range.max(); version++) {
                    boolean exists =
                            version >= type.lowestSupportedVersion() && version <= type.highestSupportedVersion(false);
                    assertEquals(exists, all.serves(key, version), type.name + " v" + version);
                }
            }
        });
    }

    @Test
    void advertisesOldProduceButDoesNotServeIt() {
        assertEquals(0, all.ranges().get(ApiKeys.PRODUCE.id).min());
        assertFalse(all.serves(ApiKeys.PRODUCE.id, (short) 2));
        assertTrue(all.serves(ApiKeys.PRODUCE.id, (short) 3));
    }

    @Test
    void knowsMillracesOwnApisInVersionZero() {
        for (MillraceApi api : MillraceApi.values()) {
            assertTrue(all.serves(api.key(), (short) 0));
            assertFalse(all.serves(api.key(), (short) 1));
        }
    }

    @Test
    void restrictsToTheKeysThatHaveHandlers() {
        SupportedVersions restricted = all.restrictedTo(List.of(ApiKeys.METADATA.id, MillraceApi.PULL.key()));

        ApiVersionsResponseData response = restricted.toResponse();

        assertEquals(
                Set.of(ApiKeys.METADATA.id, MillraceApi.PULL.key()),
                restricted.ranges().keySet());
        assertEquals(2, response.apiKeys().size());
        assertEquals(13, response.apiKeys().find(ApiKeys.METADATA.id).maxVersion());
        assertFalse(restricted.serves(ApiKeys.FETCH.id, (short) 12));
    }
}
