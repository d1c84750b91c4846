// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.protocol.sasl.PlainToken;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients get that have not said who they are, or may not do what they ask. */
class UnknownClientsTest {
    private static final int BIG = FrameDecoder.UNKNOWN_CLIENT_BYTES + 1;
    private static EmbeddedBroker broker;
    private RawClient client;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws IOException {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "alice = secret\n");
        broker = EmbeddedBroker.builder()
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("authorizer", "acl")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void connect() throws IOException {
        String address = broker.bootstrapServers();
        client = new RawClient(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
    }

    private SaslHandshakeResponseData handshake(String mechanism) throws IOException {
        return (SaslHandshakeResponseData)
                client.call(ApiKeys.SASL_HANDSHAKE, 1, new SaslHandshakeRequestData().setMechanism(mechanism));
    }

    private SaslAuthenticateResponseData authenticate(String password) throws IOException {
        byte[] token = new PlainToken("alice", password).toBytes();
        return (SaslAuthenticateResponseData)
                client.call(ApiKeys.SASL_AUTHENTICATE, 2, new SaslAuthenticateRequestData().setAuthBytes(token));
    }

    private static MetadataRequestData metadata() {
        return new MetadataRequestData().setTopics(List.of());
    }

    @Test
    void nothingElseIsAnsweredBeforeAuthentication() throws IOException {
        client.send(ApiKeys.METADATA, 9, metadata());

        assertTrue(client.isClosedByPeer());
    }

    @Test
    void aHandshakeAloneAdmitsNobody() throws IOException {
        assertEquals(Errors.NONE.code(), handshake("PLAIN").errorCode());
        client.send(ApiKeys.METADATA, 9, metadata());

        assertTrue(client.isClosedByPeer());
    }

    @Test
    void aTokenWithoutAHandshakeEndsTheConnection() throws IOException {
        assertEquals(Errors.ILLEGAL_SASL_STATE.code(), authenticate("secret").errorCode());
        assertTrue(client.isClosedByPeer());
    }

    @Test
    void aSecondHandshakeEndsTheConnection() throws IOException {
        handshake("PLAIN");

        assertEquals(
                Errors.ILLEGAL_SASL_STATE.code(), handshake("SCRAM-SHA-256").errorCode());
        assertTrue(client.isClosedByPeer());
    }

    @Test
    void aMechanismThatIsNotOfferedIsAnsweredWithThoseThatAreAndAnotherMayBeNamed() throws IOException {
        SaslHandshakeResponseData refused = handshake("GSSAPI");

        assertEquals(Errors.UNSUPPORTED_SASL_MECHANISM.code(), refused.errorCode());
        assertTrue(refused.mechanisms().contains("PLAIN"));
        assertEquals(Errors.NONE.code(), handshake("PLAIN").errorCode());
        assertEquals(Errors.NONE.code(), authenticate("secret").errorCode());
    }

    @Test
    void aBigFrameIsTakenFromAKnownClientOnly() throws IOException {
        try (RawClient unknown = client) {
            unknown.write(Unpooled.buffer().writeInt(BIG).writeInt(0).array());
            assertTrue(unknown.isClosedByPeer());
        }

        connect();
        handshake("PLAIN");
        authenticate("secret");
        MetadataRequestData many = new MetadataRequestData().setAllowAutoTopicCreation(false);
        for (int i = 0; i < BIG / 200 + 1; i++) {
            many.topics()
                    .add(new MetadataRequestData.MetadataRequestTopic().setName("x".repeat(200 - 4) + (1_000 + i)));
        }
        MetadataResponseData answer = (MetadataResponseData) client.call(ApiKeys.METADATA, 9, many);
        assertEquals(many.topics().size(), answer.topics().size());
    }

    @Test
    void aDeniedWriteThatWantsNoAnswerEndsTheConnection() throws IOException {
        handshake("PLAIN");
        authenticate("secret");
        ProduceRequestData request = new ProduceRequestData().setAcks((short) 0).setTimeoutMs(1_000);
        request.topicData()
                .add(new TopicProduceData()
                        .setName("guarded")
                        .setPartitionData(List.of(new PartitionProduceData().setIndex(0))));

        client.send(ApiKeys.PRODUCE, 9, request);

        assertTrue(client.isClosedByPeer());
    }
}
