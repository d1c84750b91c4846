// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.Session;
import jakarta.resource.spi.SecurityException;
import jakarta.resource.spi.security.PasswordCredential;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import javax.security.auth.Subject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who connects (Jakarta Connectors 2.1, chapter 9), against a broker that asks for it. */
@Timeout(60)
class ReauthenticationTest {
    private static final Credentials BOB = new Credentials("bob", "bob-secret");

    private final MillraceManagedConnectionFactory factory = new MillraceManagedConnectionFactory();
    private EmbeddedBroker broker;
    private MillraceManagedConnection managed;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "admin = admin-secret\nbob = bob-secret\n");
        broker = EmbeddedBroker.builder()
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("authorizer", "acl")
                .set("super.users", "User:admin")
                .start();
        factory.setUrl(broker.url());
        factory.setUserName("admin");
        factory.setPassword("admin-secret");
        managed = (MillraceManagedConnection) factory.createManagedConnection(null, null);
    }

    @AfterEach
    void stop() {
        managed.destroy();
        broker.close();
    }

    private static void send(Connection handle, String text) throws Exception {
        Session session = handle.createSession();
        session.createProducer(session.createQueue("q")).send(session.createTextMessage(text));
    }

    private Subject subject(String user, String password) {
        PasswordCredential credential = new PasswordCredential(user, password.toCharArray());
        credential.setManagedConnectionFactory(factory);
        return new Subject(true, Set.of(), Set.of(), Set.of(credential));
    }

    @Test
    void connectionGivenToAnotherUserWorksAsThatUser() throws Exception {
        send((Connection) managed.getConnection(null, null), "as admin");
        managed.cleanup();

        Connection asBob = (Connection) managed.getConnection(null, BOB);

        assertThrows(jakarta.jms.JMSSecurityException.class, () -> send(asBob, "as bob"));
        assertEquals("bob", managed.getMetaData().getUserName());
        await().atMost(20, SECONDS).until(() -> broker.connectionCount() == 1);
        managed.cleanup();
        send((Connection) managed.getConnection(null, null), "as admin again");
    }

    @Test
    void containersSubjectWinsOverTheApplicationsRequest() throws Exception {
        Connection asAdmin = (Connection) managed.getConnection(subject("admin", "admin-secret"), BOB);

        send(asAdmin, "allowed");
    }

    @Test
    void connectionInUseIsNotGivenToAnotherUser() throws Exception {
        managed.getConnection(null, null);

        SecurityException failure = assertThrows(SecurityException.class, () -> managed.getConnection(null, BOB));

        assertFalse(failure.getMessage().contains("secret"), failure.getMessage());
    }

    @Test
    void wrongPasswordIsASecurityExceptionAndTheConnectionStaysWhoseItWas() throws Exception {
        assertThrows(SecurityException.class, () -> managed.getConnection(null, new Credentials("bob", "guessed")));

        send((Connection) managed.getConnection(null, null), "as admin");
    }

    @Test
    void matchingDependsOnTheUser() throws Exception {
        Set<Object> candidates = Set.of(managed);

        assertSame(managed, factory.matchManagedConnections(candidates, null, null));
        assertSame(managed, factory.matchManagedConnections(candidates, subject("admin", "admin-secret"), null));
        assertNull(factory.matchManagedConnections(candidates, null, BOB));
        assertNull(factory.matchManagedConnections(candidates, subject("bob", "bob-secret"), null));
    }

    @Test
    void nothingShowsThePassword() {
        assertFalse(BOB.toString().contains("secret"));
        assertFalse(factory.toString().contains("secret"));
        assertFalse(factory.settings(BOB).toString().contains("secret"));
    }
}
