// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Map;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AlterConfigs, which stock clients of today do not send any more. */
class AlterConfigsTest {
    private static final byte TOPIC = 2;

    private final TestBroker broker = new TestBroker();
    private RawClient client;

    @BeforeEach
    void connect() throws IOException {
        client = new RawClient(broker.port());
        broker.topics
                .create("orders", 1, Map.of("retention.ms", "1000", "millrace.jms.kind", "queue"))
                .join();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        broker.close();
    }

    @Test
    void replacesAllSettingsButTheFixedKind() throws IOException {
        assertEquals(Errors.NONE, alter("orders", false, Map.of("segment.bytes", "8192")));

        assertEquals(Map.of("segment.bytes", "8192", "millrace.jms.kind", "queue"), settings());
    }

    @Test
    void onlyChecksWhenAsked() throws IOException {
        assertEquals(Errors.NONE, alter("orders", true, Map.of("segment.bytes", "8192")));
        assertEquals(Errors.INVALID_CONFIG, alter("orders", true, Map.of("segment.bytes", "few")));

        assertEquals("1000", settings().get("retention.ms"));
    }

    @Test
    void changesNothingWhereOneSettingIsBad() throws IOException {
        assertEquals(Errors.INVALID_CONFIG, alter("orders", false, Map.of("segment.bytes", "8192", "no.such", "1")));
        assertEquals(Errors.INVALID_CONFIG, alter("orders", false, Map.of("cleanup.policy", "compact")));
        assertEquals(Errors.INVALID_CONFIG, alter("orders", false, Map.of("millrace.jms.kind", "topic")));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, alter("missing", false, Map.of("segment.bytes", "8192")));

        assertEquals(Map.of("retention.ms", "1000", "millrace.jms.kind", "queue"), settings());
    }

    private Map<String, String> settings() {
        return broker.topics.find("orders").config();
    }

    private Errors alter(String topic, boolean validateOnly, Map<String, String> settings) throws IOException {
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType(TOPIC).setResourceName(topic);
        settings.forEach((name, value) ->
                resource.configs().add(new AlterableConfig().setName(name).setValue(value)));
        AlterConfigsRequestData request = new AlterConfigsRequestData().setValidateOnly(validateOnly);
        request.resources().add(resource);
        AlterConfigsResponseData answer = (AlterConfigsResponseData) client.call(ApiKeys.ALTER_CONFIGS, 2, request);
        return Errors.forCode(answer.responses().get(0).errorCode());
    }
}
