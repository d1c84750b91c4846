// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What may not be sent may not be sent in pieces either (docs/decisions/0008 and 0025): a transaction larger than one request
 * is refused as a small one is, and leaves nothing.
 */
@Timeout(90)
class SecuredLargeTransactionsTest {
    private static final MillraceQueue IN = new MillraceQueue("in");
    private static final MillraceQueue ALLOWED = new MillraceQueue("allowed");
    private static final MillraceQueue READ_ONLY = new MillraceQueue("read-only");

    /** 1.6 MiB, in pieces of 64 KiB; the disk takes 2 MiB. */
    private static final int MESSAGES = 80;

    private static final int MESSAGE_BYTES = 20 << 10;
    private static final String OPTIONS = "transactionRequestBytes=65536&requestTimeoutMs=20000";

    @TempDir
    Path directory;

    private Path data;
    private EmbeddedBroker broker;

    @BeforeEach
    void start() throws Exception {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "admin = admin-secret\ncarol = carol-secret\n");
        data = Files.createDirectory(directory.resolve("data"));
        broker = EmbeddedBroker.builder()
                .directory(data)
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("sasl.enabled.mechanisms", "PLAIN")
                .set("authorizer", "acl")
                .set("super.users", "User:admin")
                .set("jms.transaction.spill.max.bytes", String.valueOf(2 << 20))
                .start();
        try (JMSContext admin = admin()) {
            for (Queue queue : List.of(IN, ALLOWED, READ_ONLY)) {
                admin.createConsumer(queue).close();
            }
            admin.createProducer().send(IN, "a");
        }
        allow(ResourceType.TOPIC, "in", AclOperation.READ);
        allow(ResourceType.TOPIC, "allowed", AclOperation.WRITE);
        allow(ResourceType.TOPIC, "read-only", AclOperation.READ);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private JMSContext admin() {
        return new MillraceConnectionFactory(broker.url()).createContext("admin", "admin-secret");
    }

    private void allow(ResourceType type, String name, AclOperation operation) throws Exception {
        Map<String, Object> client = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
                        + " password=\"admin-secret\";");
        AclBinding rule = new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry("User:carol", "*", operation, AclPermissionType.ALLOW));
        try (Admin admin = Admin.create(client)) {
            admin.createAcls(List.of(rule)).all().get();
        }
    }

    private MillraceXAConnectionFactory carol(String more) {
        return new MillraceXAConnectionFactory(
                broker.url() + (broker.url().contains("?") ? "&" : "?") + OPTIONS + more);
    }

    private static void send(Session session, Queue queue) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = 0; i < MESSAGES; i++) {
                producer.send(session.createTextMessage(i + " " + "x".repeat(MESSAGE_BYTES)));
            }
        }
    }

    /** As the administrator, who may do everything. */
    private int count(Queue queue) {
        try (JMSContext admin = admin();
                JMSConsumer rest = admin.createConsumer(queue)) {
            int count = 0;
            while (rest.receiveNoWait() != null) {
                count++;
            }
            return count;
        }
    }

    /** Of the logs in which pieces lie. */
    private void awaitNothingOnTheDisk() {
        Awaitility.await().untilAsserted(() -> assertEquals(List.of(), spilledLogs()));
    }

    private List<Path> spilledLogs() {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(file -> file.getFileName().toString().contains("spilled"))
                    .toList();
        } catch (IOException | UncheckedIOException changing) {
            return List.of(data); // asked again
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&alwaysCoordinate=true"})
    void aLargeTransactionThatMayNotSendEverywhereIsRefusedAndLeavesNothing(String more) throws Exception {
        try (Connection connection = carol(more).createConnection("carol", "carol-secret");
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            connection.start();
            MessageConsumer consumer = session.createConsumer(IN);
            assertEquals("a", consumer.receive(10_000).getBody(String.class));
            send(session, ALLOWED);
            session.createProducer(READ_ONLY).send(session.createTextMessage("y".repeat(MESSAGE_BYTES)));

            JMSException refused = assertThrows(TransactionRolledBackException.class, session::commit);

            assertInstanceOf(JMSSecurityException.class, refused.getLinkedException());
            assertTrue(refused.getMessage().contains("WRITE topic read-only"), refused.getMessage());
            awaitNothingOnTheDisk();
            assertEquals("a", consumer.receive(10_000).getBody(String.class), "it was given back");
        }
        assertEquals(0, count(ALLOWED));
        assertEquals(0, count(READ_ONLY));
        assertEquals(1, count(IN));
    }

    @Test
    void theSessionCommitsALargeTransactionAfterOneThatWasRefused() throws Exception {
        try (Connection connection = carol("").createConnection("carol", "carol-secret");
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            send(session, READ_ONLY);
            assertThrows(TransactionRolledBackException.class, session::commit);
            send(session, ALLOWED);

            session.commit(); // there would be no room for it if anything of the other was left
        }
        assertEquals(MESSAGES, count(ALLOWED));
        assertEquals(0, count(READ_ONLY));
    }

    @Test
    void aLargeTransactionIsRefusedAsASmallOneIs() throws Exception {
        try (Connection connection = carol("").createConnection("carol", "carol-secret");
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            session.createProducer(READ_ONLY).send(session.createTextMessage("small"));
            JMSException small = assertThrows(JMSException.class, session::commit);
            send(session, READ_ONLY);

            JMSException large = assertThrows(JMSException.class, session::commit);

            assertEquals(small.getClass(), large.getClass());
            assertEquals(
                    small.getLinkedException().getClass(),
                    large.getLinkedException().getClass());
            assertEquals(small.getErrorCode(), large.getErrorCode());
        }
    }

    @Test
    void aLargeBranchIsPreparedOnlyByWhoMayWriteTheTransactionalIdOfBranches() throws Exception {
        try (XAConnection connection = carol("").createXAConnection("carol", "carol-secret");
                XASession session = connection.createXASession()) {
            XAResource resource = session.getXAResource();
            TestXid first = TestXid.fresh();
            resource.start(first, XAResource.TMNOFLAGS);
            send(session, ALLOWED);
            resource.end(first, XAResource.TMSUCCESS);

            XAException refused = assertThrows(XAException.class, () -> resource.prepare(first));

            assertEquals(XAException.XA_RBROLLBACK, refused.errorCode, refused.getMessage());
            assertTrue(refused.getMessage().contains("WRITE transactional id xa"), refused.getMessage());
            awaitNothingOnTheDisk();
            allow(ResourceType.TRANSACTIONAL_ID, "xa", AclOperation.WRITE);
            TestXid second = TestXid.fresh();
            resource.start(second, XAResource.TMNOFLAGS);
            send(session, ALLOWED);
            resource.end(second, XAResource.TMSUCCESS);
            assertEquals(XAResource.XA_OK, resource.prepare(second));
            assertFalse(spilledLogs().isEmpty());
            resource.commit(second, false);
        }
        assertEquals(MESSAGES, count(ALLOWED));
        awaitNothingOnTheDisk();
    }

    @Test
    void aLargeBranchThatMayNotSendThereIsRefusedAndLeavesNothing() throws Exception {
        allow(ResourceType.TRANSACTIONAL_ID, "xa", AclOperation.WRITE);
        try (XAConnection connection = carol("").createXAConnection("carol", "carol-secret");
                XASession session = connection.createXASession()) {
            connection.start();
            XAResource resource = session.getXAResource();
            TestXid xid = TestXid.fresh();
            MessageConsumer consumer = session.createConsumer(IN);
            resource.start(xid, XAResource.TMNOFLAGS);
            assertEquals("a", consumer.receive(10_000).getBody(String.class));
            send(session, READ_ONLY);
            resource.end(xid, XAResource.TMSUCCESS);

            XAException refused = assertThrows(XAException.class, () -> resource.prepare(xid));

            assertEquals(XAException.XA_RBROLLBACK, refused.errorCode, refused.getMessage());
            assertTrue(refused.getMessage().contains("WRITE topic read-only"), refused.getMessage());
            awaitNothingOnTheDisk();
            assertEquals("a", consumer.receive(10_000).getBody(String.class), "it was given back");
            assertNull(consumer.receiveNoWait());
        }
        assertEquals(0, count(READ_ONLY));
    }
}
