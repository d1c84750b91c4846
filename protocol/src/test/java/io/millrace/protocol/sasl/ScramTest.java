// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramTest {
    // The exchange of RFC 7677 section 3: user "user", password "pencil".
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final String CLIENT_FIRST = "n,,n=user,r=" + CLIENT_NONCE;
    private static final String SERVER_FIRST =
            "r=" + CLIENT_NONCE + SERVER_NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String CLIENT_FINAL =
            "c=biws,r=" + CLIENT_NONCE + SERVER_NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static ScramServer rfcServer() {
        ScramMechanism mechanism = ScramMechanism.SHA_256;
        ScramCredential credential =
                ScramCredential.of(mechanism, SALT, mechanism.saltedPassword("pencil", SALT, 4096), 4096);
        return new ScramServer(mechanism, user -> ScramCredential.parse(credential.toText()), SERVER_NONCE);
    }

    @Test
    void theServerSaysWhatTheRfcSays() {
        ScramServer server = rfcServer();

        assertEquals(SERVER_FIRST, new String(server.answer(CLIENT_FIRST.getBytes(UTF_8)), UTF_8));
        assertFalse(server.isDone());
        assertEquals(SERVER_FINAL, new String(server.answer(CLIENT_FINAL.getBytes(UTF_8)), UTF_8));
        assertTrue(server.isDone());
        assertEquals("user", server.user());
    }

    @Test
    void theClientSaysWhatTheRfcSays() {
        ScramClient client = new ScramClient(ScramMechanism.SHA_256, "user", "pencil", CLIENT_NONCE);

        assertEquals(CLIENT_FIRST, new String(client.first(), UTF_8));
        assertEquals(CLIENT_FINAL, new String(client.prove(SERVER_FIRST.getBytes(UTF_8)), UTF_8));
        client.verify(SERVER_FINAL.getBytes(UTF_8));
        assertThrows(SaslFailure.class, () -> client.verify("v=AAAA".getBytes(UTF_8)));
    }

    @ParameterizedTest
    @EnumSource(ScramMechanism.class)
    void bothSidesAgreeAlsoOnOddNamesAndPasswords(ScramMechanism mechanism) {
        // Given
        ScramCredential credential = ScramCredential.of(mechanism, "pässword,=", 4096);
        ScramServer server = new ScramServer(mechanism, user -> credential);
        ScramClient client = new ScramClient(mechanism, "a,b=c", "pässword,=");
        // When
        client.verify(server.answer(client.prove(server.answer(client.first()))));
        // Then
        assertEquals("a,b=c", server.user());
    }

    @ParameterizedTest
    @EnumSource(ScramMechanism.class)
    void aWrongPasswordProvesNothing(ScramMechanism mechanism) {
        ScramCredential credential = ScramCredential.of(mechanism, "right", 4096);
        ScramServer server = new ScramServer(mechanism, user -> credential);
        ScramClient client = new ScramClient(mechanism, "user", "wrong");
        byte[] proof = client.prove(server.answer(client.first()));

        assertThrows(SaslFailure.class, () -> server.answer(proof));
        assertFalse(server.isDone());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,,",
                "p=tls-unique,,n=user,r=x",
                "n,a=root,n=user,r=x",
                "n,,n=,r=x",
                "n,,n=user",
                "n,,n=user,r=",
                "n,,n=us=er,r=x",
                "n,,n=user,r=x,tokenauth=true",
                "n,,n=user,n=root,r=x"
            })
    void aMalformedFirstMessageIsRefused(String message) {
        ScramServer server = rfcServer();

        assertThrows(SaslFailure.class, () -> server.answer(message.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"c=biws", "c=biws,r=x,p=AAAA", "c=eSws,r=%s,p=AAAA", "c=biws,r=%s,p=AAAA", "c=biws,r=%s"})
    void aMalformedProofIsRefused(String message) {
        ScramServer server = rfcServer();
        server.answer(CLIENT_FIRST.getBytes(UTF_8));
        byte[] bytes = message.replace("%s", CLIENT_NONCE + SERVER_NONCE).getBytes(UTF_8);

        assertThrows(SaslFailure.class, () -> server.answer(bytes));
    }

    @Test
    void plainTokensAreReadAndOddOnesRefused() {
        PlainToken token = PlainToken.parse(new PlainToken("alice", "s3cret").toBytes());

        assertEquals(new PlainToken("alice", "s3cret"), token);
        assertFalse(token.toString().contains("s3cret"));
        for (String odd : new String[] {"", "\0alice", "\0alice\0", "\0\0pw", "root\0alice\0pw", "\0a\0b\0c"}) {
            assertThrows(SaslFailure.class, () -> PlainToken.parse(odd.getBytes(UTF_8)));
        }
    }
}
