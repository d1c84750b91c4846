// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.auth.AuthenticationException.Code;
import io.millrace.broker.cluster.InMemoryCluster;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.time.ManualClock;
import io.millrace.protocol.sasl.PlainToken;
import io.millrace.protocol.sasl.ScramClient;
import io.millrace.protocol.sasl.ScramCredential;
import io.millrace.protocol.sasl.ScramMechanism;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientSessionTest {
    private static final byte[] ALICE = new PlainToken("alice", "secret").toBytes();

    private final ManualClock clock = new ManualClock();
    private final InMemoryCluster cluster = new InMemoryCluster();
    private final Authenticator authenticator = Authenticator.sasl(
            new Credentials(Map.of("alice", "secret", "bob", "word"), cluster), SaslMechanism.labels(), 1_000, clock);
    private final ClientSession session = authenticator.newSession();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static Code code(Action action) {
        return assertThrows(AuthenticationException.class, action::run).code();
    }

    private interface Action {
        void run() throws AuthenticationException;
    }

    private void login(byte[] token) throws AuthenticationException {
        session.handshake("PLAIN", false);
        session.answer(token);
    }

    @Test
    void aListenerWithoutAuthenticationAdmitsEverybodyAsAnonymous() {
        ClientSession open = Authenticator.NONE.newSession();

        assertTrue(open.isAdmitted());
        assertEquals("User:ANONYMOUS", open.principal().toString());
    }

    @Test
    void aClientIsAdmittedOnceItProvedWhoItIs() throws Exception {
        assertFalse(session.isAdmitted());

        login(ALICE);

        assertTrue(session.isAdmitted());
        assertEquals(new Principal("alice"), session.principal());
        assertEquals(1_000, session.lifetimeMs());
    }

    @Test
    void aWrongPasswordAndAnUnknownUserFailTheSession() throws Exception {
        session.handshake("PLAIN", false);

        assertEquals(Code.FAILED, code(() -> session.answer(new PlainToken("alice", "wrong").toBytes())));
        assertTrue(session.hasFailed());
        assertFalse(session.isAdmitted());

        ClientSession other = authenticator.newSession();
        other.handshake("PLAIN", false);
        assertEquals(Code.FAILED, code(() -> other.answer(new PlainToken("nobody", "x").toBytes())));
    }

    @Test
    void stepsOutOfOrderAreIllegal() throws Exception {
        assertEquals(Code.ILLEGAL_STATE, code(() -> session.answer(ALICE)));

        ClientSession twice = authenticator.newSession();
        twice.handshake("PLAIN", false);
        assertEquals(Code.ILLEGAL_STATE, code(() -> twice.handshake("PLAIN", false)));

        ClientSession odd = authenticator.newSession();
        assertEquals(Code.UNSUPPORTED_MECHANISM, code(() -> odd.handshake("GSSAPI", false)));
        odd.handshake("PLAIN", false);
        odd.answer(ALICE);
        assertEquals(Code.UNSUPPORTED_MECHANISM, code(() -> odd.handshake("GSSAPI", false)));
        assertTrue(odd.hasFailed());
    }

    @Test
    void anExpiredSessionIsAdmittedAgainAfterAuthenticatingAgain() throws Exception {
        login(ALICE);
        clock.advanceMs(999);
        assertTrue(session.isAdmitted());
        clock.advanceMs(1);
        assertFalse(session.isAdmitted());

        login(ALICE);

        assertTrue(session.isAdmitted());
    }

    @Test
    void authenticatingAgainIsForTheSameUserAndMechanismOnly() throws Exception {
        login(ALICE);
        session.handshake("PLAIN", false);
        assertTrue(session.isAdmitted(), "what is in progress goes on");
        assertEquals(Code.FAILED, code(() -> session.answer(new PlainToken("bob", "word").toBytes())));

        ClientSession other = authenticator.newSession();
        other.handshake("PLAIN", false);
        other.answer(ALICE);
        assertEquals(Code.FAILED, code(() -> other.handshake("SCRAM-SHA-256", false)));
    }

    @Test
    void scramKnowsUsersOfTheFileAndOfTheCluster() throws Exception {
        ScramCredential carol = ScramCredential.of(ScramMechanism.SHA_512, "pw", 4096);
        cluster.updateDocument(Credentials.SCRAM_USERS, "carol", old -> Map.of("SCRAM-SHA-512", carol.toText()))
                .join();

        assertEquals("alice", scram(ScramMechanism.SHA_256, "alice", "secret"));
        assertEquals("carol", scram(ScramMechanism.SHA_512, "carol", "pw"));
        assertEquals(Code.FAILED, code(() -> scram(ScramMechanism.SHA_512, "carol", "wrong")));
        assertEquals(Code.FAILED, code(() -> scram(ScramMechanism.SHA_256, "carol", "pw")));
        assertEquals(Code.FAILED, code(() -> scram(ScramMechanism.SHA_256, "nobody", "pw")));
    }

    @Test
    void anUnknownNameHasASaltOfItsOwnThatStays() {
        Credentials credentials = new Credentials(Map.of(), cluster);

        String x = salt(credentials, "x");

        assertEquals(x, salt(credentials, "x"));
        assertNotEquals(x, salt(credentials, "y"));
    }

    private static String salt(Credentials credentials, String user) {
        return credentials.scram(ScramMechanism.SHA_256, user).toText().split(",", 2)[0];
    }

    @Test
    void theReasonForTheLogIsOneShortLine() {
        ClientSession odd = authenticator.newSession();

        assertThrows(
                AuthenticationException.class,
                () -> login(odd, new PlainToken("a\nb" + "x".repeat(10_000), "pw").toBytes()));

        String reason = odd.failure();
        assertNotNull(reason);
        assertTrue(reason.length() < 400 && !reason.contains("\n"), reason);
    }

    private static void login(ClientSession session, byte[] token) throws AuthenticationException {
        session.handshake("PLAIN", false);
        session.answer(token);
    }

    private String scram(ScramMechanism mechanism, String user, String password) throws AuthenticationException {
        ClientSession fresh = authenticator.newSession();
        ScramClient client = new ScramClient(mechanism, user, password);
        fresh.handshake(mechanism.label(), true);
        assertTrue(fresh.expectsRawToken());
        client.verify(fresh.answer(client.prove(fresh.answer(client.first()))));
        return fresh.principal().name();
    }

    @Test
    void aBadCredentialsFileOrMechanismStopsTheStart(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("users");
        Files.writeString(file, "alice=\n", UTF_8);

        assertThrows(ConfigException.class, () -> Credentials.readFile(file));
        assertThrows(ConfigException.class, () -> Credentials.readFile(directory.resolve("none")));
        assertThrows(
                ConfigException.class,
                () -> Authenticator.sasl(new Credentials(Map.of(), cluster), List.of("NTLM"), 0, clock));
        Files.writeString(file, "alice = secret\n", UTF_8);
        assertEquals(Map.of("alice", "secret"), Credentials.readFile(file));
    }
}
