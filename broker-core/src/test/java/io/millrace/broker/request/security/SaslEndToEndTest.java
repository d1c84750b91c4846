// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.errors.ResourceNotFoundException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stock clients against a broker that asks who they are; quotas of users and client ids. */
class SaslEndToEndTest {
    private static EmbeddedBroker broker;
    private static Admin admin;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws Exception {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "admin = admin-secret\nalice = alice-secret\n");
        broker = EmbeddedBroker.builder()
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("connections.max.reauth.ms", "2000")
                .start();
        admin = Admin.create(client("SCRAM-SHA-512", "admin", "admin-secret"));
    }

    @AfterAll
    static void stop() {
        admin.close(Duration.ofSeconds(1));
        broker.close();
    }

    private static Map<String, Object> client(String mechanism, String user, String password) {
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                mechanism,
                "sasl.jaas.config",
                "org.apache.kafka.common.security." + module + " required username=\"" + user + "\" password=\""
                        + password + "\";"));
    }

    private static int nodes(String mechanism, String user, String password) throws Exception {
        try (Admin other = Admin.create(client(mechanism, user, password))) {
            return other.describeCluster().nodes().get().size();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void aUserOfTheFileComesInAndAWrongPasswordDoesNot(String mechanism) throws Exception {
        assertEquals(1, nodes(mechanism, "alice", "alice-secret"));
        ExecutionException refused = assertThrows(ExecutionException.class, () -> nodes(mechanism, "alice", "wrong"));
        assertInstanceOf(SaslAuthenticationException.class, refused.getCause());
    }

    @Test
    void scramUsersAreMadeShownUsedAndRemovedWhileTheBrokerRuns() throws Exception {
        // Given
        ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 8192);
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("carol", info, "carol-secret")))
                .all()
                .get();
        // Then
        assertEquals(
                List.of(info),
                admin.describeUserScramCredentials().all().get().get("carol").credentialInfos());
        assertEquals(1, nodes("SCRAM-SHA-256", "carol", "carol-secret"));
        // When
        admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("carol", ScramMechanism.SCRAM_SHA_256)))
                .all()
                .get();
        // Then
        assertThrows(ExecutionException.class, () -> nodes("SCRAM-SHA-256", "carol", "carol-secret"));
        ExecutionException unknown = assertThrows(
                ExecutionException.class,
                () -> admin.describeUserScramCredentials(List.of("carol"))
                        .description("carol")
                        .get());
        assertInstanceOf(ResourceNotFoundException.class, unknown.getCause());
    }

    @Test
    void aClientWithoutCredentialsIsNotServed() {
        Map<String, Object> config = Map.of(
                "bootstrap.servers", broker.bootstrapServers(),
                "default.api.timeout.ms", "1500",
                "request.timeout.ms", "1000",
                "retries", "1");
        try (Admin open = Admin.create(config)) {
            assertThrows(
                    ExecutionException.class,
                    () -> open.describeCluster().nodes().get());
        }
    }

    @Test
    void aConnectionOutlivesItsSessionByAuthenticatingAgain() throws Exception {
        try (Admin lasting = Admin.create(client("SCRAM-SHA-256", "alice", "alice-secret"))) {
            lasting.describeCluster().nodes().get();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                lasting.describeCluster().nodes().get(5, TimeUnit.SECONDS);
                assertTrue(metric(lasting.metrics(), "successful-reauthentication-total") >= 1);
            });
            assertEquals(0, metric(lasting.metrics(), "failed-authentication-total"));
        }
    }

    @Test
    void aProducerAboveItsQuotaIsSlowedAndTheQuotaIsShownAndRemoved() throws Exception {
        // Given
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of("user", "alice", "client-id", "bulk"));
        alter(entity, 10_000.0);
        await().until(() -> quotas("alice").get(entity) != null);
        assertEquals(Map.of("producer_byte_rate", 10_000.0), quotas("alice").get(entity));
        Map<String, Object> config = client("PLAIN", "alice", "alice-secret");
        config.put("client.id", "bulk");
        config.put("batch.size", 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            // When
            for (int i = 0; i < 4; i++) {
                producer.send(new ProducerRecord<>("slow", new byte[5_000])).get();
            }
            // Then
            assertTrue(metric(producer.metrics(), "produce-throttle-time-max") > 0);
        }
        // When
        alter(entity, null);
        // Then
        await().until(() -> quotas("alice").isEmpty());
    }

    @Test
    void aBadQuotaIsRefusedWithItsReason() {
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of("client-id", "x"));
        ClientQuotaAlteration alteration =
                new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op("no_such_rate", 1.0)));

        ExecutionException refused = assertThrows(
                ExecutionException.class,
                () -> admin.alterClientQuotas(List.of(alteration)).all().get());

        assertTrue(refused.getMessage().contains("no_such_rate"), refused.getMessage());
    }

    private static void alter(ClientQuotaEntity entity, Double rate) throws Exception {
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                        entity, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", rate)))))
                .all()
                .get();
    }

    private static Map<ClientQuotaEntity, Map<String, Double>> quotas(String user) throws Exception {
        return admin.describeClientQuotas(
                        ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofEntity("user", user))))
                .entities()
                .get();
    }

    private static double metric(Map<?, ? extends Metric> metrics, String name) {
        return metrics.values().stream()
                .filter(metric -> metric.metricName().name().equals(name))
                .mapToDouble(metric -> ((Number) metric.metricValue()).doubleValue())
                .max()
                .orElseThrow();
    }
}
