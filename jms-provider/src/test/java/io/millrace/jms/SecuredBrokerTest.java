// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.protocol.message.Redelivery;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against brokers that ask who it is and what it may do. */
@Timeout(60)
class SecuredBrokerTest {
    private static EmbeddedBroker broker;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws IOException {
        broker = broker("PLAIN,SCRAM-SHA-256,SCRAM-SHA-512");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static EmbeddedBroker broker(String mechanisms) throws IOException {
        return secured(mechanisms).set("connections.max.reauth.ms", "1000").start();
    }

    private static EmbeddedBroker.Builder secured(String mechanisms) throws IOException {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "admin = admin-secret\nbob = bob-secret\ncarol = carol-secret\n");
        return EmbeddedBroker.builder()
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("sasl.enabled.mechanisms", mechanisms)
                .set("authorizer", "acl")
                .set("super.users", "User:admin");
    }

    private static String url(EmbeddedBroker of, String user, String password) {
        String separator = of.url().contains("?") ? "&" : "?";
        return of.url() + separator + "user=" + user + "&password=" + password;
    }

    @Test
    void aUserOfTheUrlOrOfTheCallSendsAndReceives() {
        MillraceConnectionFactory byUrl = new MillraceConnectionFactory(url(broker, "admin", "admin-secret"));
        MillraceConnectionFactory byCall = new MillraceConnectionFactory(broker.url());
        try (JMSContext sender = byUrl.createContext();
                JMSContext receiver = byCall.createContext("admin", "admin-secret")) {
            MillraceQueue queue = new MillraceQueue("secured");
            sender.createProducer().send(queue, "hello");

            assertEquals("hello", receiver.createConsumer(queue).receiveBody(String.class, 10_000));
        }
    }

    @Test
    void aConnectionOutlivesTheTimeForWhichItsUserIsKnown() {
        try (JMSContext context = new MillraceConnectionFactory(url(broker, "admin", "admin-secret")).createContext()) {
            MillraceQueue queue = new MillraceQueue("lasting");
            JMSConsumer consumer = context.createConsumer(queue);

            assertNull(consumer.receive(2_500));

            context.createProducer().send(queue, "still here");
            assertEquals("still here", consumer.receiveBody(String.class, 10_000));
        }
    }

    @Test
    void wrongCredentialsAreASecurityException() {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.url());

        JMSException refused =
                assertThrows(JMSSecurityException.class, () -> factory.createConnection("admin", "wrong"));
        assertThrows(JMSSecurityRuntimeException.class, () -> factory.createContext("nobody", "wrong"));

        assertTrue(refused.getMessage().contains("wrong user name or password"), refused.getMessage());
    }

    @Test
    void aClientWithoutCredentialsIsToldToGiveThem() {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.url());

        JMSException refused = assertThrows(JMSSecurityException.class, factory::createConnection);

        assertTrue(refused.getMessage().contains("createConnection(user, password)"), refused.getMessage());
    }

    @Test
    void whatAUserMayNotDoIsASecurityException() {
        try (JMSContext bob = new MillraceConnectionFactory(url(broker, "bob", "bob-secret")).createContext()) {
            MillraceQueue queue = new MillraceQueue("not-bobs");

            assertThrows(
                    JMSSecurityRuntimeException.class,
                    () -> bob.createProducer().send(queue, "x"));
            assertThrows(JMSSecurityRuntimeException.class, () -> bob.createConsumer(queue));
        }
    }

    @Test
    void aSubscriptionIsDeletedOnlyByWhoMayReadItsGroup() {
        MillraceTopic topic = new MillraceTopic("secured-topic");
        try (JMSContext admin = new MillraceConnectionFactory(url(broker, "admin", "admin-secret")).createContext();
                JMSContext bob = new MillraceConnectionFactory(url(broker, "bob", "bob-secret")).createContext()) {
            admin.createSharedDurableConsumer(topic, "admins").close();

            assertThrows(JMSSecurityRuntimeException.class, () -> bob.unsubscribe("admins"));

            admin.unsubscribe("admins");
        }
    }

    @Test
    void aConsumersOwnDeadLetterQueueIsOneThatItsUserMayWriteTo() throws Exception {
        try (EmbeddedBroker own = secured("PLAIN").start()) {
            allow(own, "carols-orders", AclOperation.READ);
            allow(own, "carols.dead", AclOperation.WRITE);
            allow(own, "new.dead", AclOperation.WRITE);
            try (JMSContext admin = new MillraceConnectionFactory(url(own, "admin", "admin-secret")).createContext()) {
                for (String queue : List.of("carols-orders", "carols.dead", "others.dead")) {
                    admin.createConsumer(admin.createQueue(queue)).close();
                }
            }
            try (Connection carol =
                            new MillraceConnectionFactory(url(own, "carol", "carol-secret")).createConnection();
                    Session session = carol.createSession()) {
                MillraceQueue orders = new MillraceQueue("carols-orders");
                askFor(session, "carols.dead");
                session.createConsumer(orders).close();

                askFor(session, "others.dead");
                JMSException refused = assertThrows(JMSSecurityException.class, () -> session.createConsumer(orders));
                askFor(session, "new.dead");
                JMSException notMade = assertThrows(JMSSecurityException.class, () -> session.createConsumer(orders));

                assertTrue(
                        refused.getMessage().contains("WRITE topic others.dead (the consumer's dead-letter queue)"),
                        refused.getMessage());
                assertTrue(notMade.getMessage().contains("CREATE topic new.dead"), notMade.getMessage());
            }
        }
    }

    private static void askFor(Session session, String deadLetterQueue) throws JMSException {
        int unset = Redelivery.UNSET;
        ListenerBuffers.redelivery(session, new Redelivery(unset, unset, unset, unset, deadLetterQueue));
    }

    private static void allow(EmbeddedBroker at, String topic, AclOperation operation) throws Exception {
        Map<String, Object> client = Map.of(
                "bootstrap.servers",
                at.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
                        + " password=\"admin-secret\";");
        AclBinding rule = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                new AccessControlEntry("User:carol", "*", operation, AclPermissionType.ALLOW));
        try (Admin admin = Admin.create(client)) {
            admin.createAcls(List.of(rule)).all().get();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256"})
    void theBestMechanismThatBothHaveIsUsed(String mechanism) throws Exception {
        try (EmbeddedBroker other = broker(mechanism)) {
            MillraceConnectionFactory factory = new MillraceConnectionFactory(other.url());

            try (Connection connection = factory.createConnection("admin", "admin-secret")) {
                assertEquals("Millrace", connection.getMetaData().getJMSProviderName());
            }
            assertThrows(JMSSecurityException.class, () -> factory.createConnection("admin", "wrong"));
        }
    }

    @Test
    void aBrokerThatAsksNobodyTakesAnyUser() throws Exception {
        try (EmbeddedBroker open = EmbeddedBroker.start();
                JMSContext context = new MillraceConnectionFactory(open.url()).createContext("anybody", "anything")) {
            assertEquals("Millrace", context.getMetaData().getJMSProviderName());
        }
    }
}
