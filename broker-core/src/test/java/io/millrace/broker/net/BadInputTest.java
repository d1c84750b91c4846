// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What no honest client sends: that connection ends, a neighbour goes on. */
class BadInputTest {
    private static TestBroker broker;
    private RawClient neighbour;

    @BeforeAll
    static void start() {
        broker = new TestBroker();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void connectNeighbour() throws IOException {
        neighbour = new RawClient(broker.port());
        assertNeighbourServed();
    }

    @AfterEach
    void neighbourIsStillServed() throws IOException {
        assertNeighbourServed();
        neighbour.close();
    }

    @Test
    void closesAfterGarbageBytes() throws IOException {
        assertClosedAfter("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void closesAfterGarbageInAWellSizedFrame() throws IOException {
        ByteBuf frame = Unpooled.buffer();
        frame.writeInt(14)
                .writeShort(ApiKeys.METADATA.id)
                .writeShort(9)
                .writeInt(1)
                .writeShort(0x7fff)
                .writeInt(-1);
        assertClosedAfter(bytes(frame));
    }

    @Test
    void closesAfterAnOversizedFrame() throws IOException {
        assertClosedAfter(
                bytes(Unpooled.buffer().writeInt(TestBroker.MAX_FRAME_BYTES + 1).writeLong(0)));
    }

    @Test
    void closesAfterANegativeSize() throws IOException {
        assertClosedAfter(bytes(Unpooled.buffer().writeInt(-1).writeLong(0)));
    }

    @Test
    void closesAfterAnUnknownApiKey() throws IOException {
        assertClosedAfter(bytes(request(777, 0)));
    }

    @Test
    void closesAfterAnUnsupportedVersionOfAKnownApi() throws IOException {
        assertClosedAfter(bytes(request(ApiKeys.METADATA.id, 99)));
    }

    @Test
    void closesAfterAnApiThatHasNoHandlerHere() throws IOException {
        assertClosedAfter(bytes(request(ApiKeys.LIST_GROUPS.id, 0)));
    }

    @Test
    void answersAnUnsupportedApiVersionsWithVersionZeroAndTheTable() throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(bytes(request(ApiKeys.API_VERSIONS.id, 99)));

            ByteBuf frame = client.receive();

            ApiVersionsResponseData answer =
                    (ApiVersionsResponseData) ResponseDecoder.decode(frame, ApiKeys.API_VERSIONS.id, (short) 0);
            assertEquals(Errors.UNSUPPORTED_VERSION.code(), answer.errorCode());
            assertTrue(answer.apiKeys().find(ApiKeys.PRODUCE.id) != null);
        }
    }

    @Test
    void forgetsAConnectionThatIsCutInMidFrame() throws IOException {
        // Those of earlier tests may be closing yet; the neighbour stays.
        Awaitility.await().until(() -> broker.server().connectionCount() == 1);
        RawClient client = new RawClient(broker.port());
        client.write(bytes(Unpooled.buffer().writeInt(1000).writeShort(3)));
        Awaitility.await().until(() -> broker.server().connectionCount() == 2);

        client.close();

        Awaitility.await().until(() -> broker.server().connectionCount() == 1);
    }

    @Test
    void closesConnectionsAboveTheLimitAndIdleOnes() throws IOException {
        try (TestBroker small = new TestBroker(1, Duration.ofMillis(300));
                RawClient first = new RawClient(small.port())) {
            first.call(ApiKeys.API_VERSIONS, 3, apiVersions());
            try (RawClient second = new RawClient(small.port())) {
                assertTrue(second.isClosedByPeer());
            }
            assertTrue(first.isClosedByPeer());
        }
    }

    @Test
    void saysClearlyThatAPortIsTaken() {
        try (OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(1))) {
            PortInUseException failure = assertThrows(
                    PortInUseException.class,
                    () -> NetworkServer.start(
                            loops.group(),
                            NetworkSettings.of("127.0.0.1", broker.port()),
                            KafkaApis.builder().build(),
                            BrokerClock.SYSTEM,
                            () -> true));

            assertTrue(failure.getMessage().contains("127.0.0.1:" + broker.port()), failure.getMessage());
        }
    }

    @Test
    void saysItOnceASecondHoweverOftenItHappens() throws IOException {
        PrintStream before = System.err;
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        long startNanos = System.nanoTime();
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try {
            for (int i = 0; i < 30; i++) {
                assertClosedAfter(bytes(request(777, 0)));
            }
        } finally {
            System.setErr(before);
        }
        long seconds = (System.nanoTime() - startNanos) / 1_000_000_000L;
        List<String> lines = logged.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("API 777"))
                .toList();
        assertTrue(lines.size() <= seconds + 2, () -> String.join("\n", lines));
    }

    @Test
    void countsWhatItDidNotSay() {
        AtomicLong now = new AtomicLong();
        PrintStream before = System.err;
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try {
            RateLimitedLog log = new RateLimitedLog(new BrokerClock() {
                @Override
                public long wallMs() {
                    return 0;
                }

                @Override
                public long nanos() {
                    return now.get();
                }
            });
            for (int i = 0; i < 5; i++) {
                log.warn("kind", "said {}", i);
            }
            now.addAndGet(1_000_000_000L);
            log.warn("kind", "said {}", 5);
        } finally {
            System.setErr(before);
        }
        List<String> lines = logged.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(3, lines.size(), lines::toString);
        assertTrue(lines.get(0).endsWith("said 0"), lines::toString);
        assertTrue(lines.get(1).endsWith("said 5"), lines::toString);
        assertTrue(lines.get(2).contains("4 more"), lines::toString);
    }

    private static void assertClosedAfter(byte[] bytes) throws IOException {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(bytes);
            assertTrue(client.isClosedByPeer());
        }
    }

    private void assertNeighbourServed() throws IOException {
        neighbour.call(ApiKeys.METADATA, 9, new MetadataRequestData().setTopics(null));
    }

    private static ApiVersionsRequestData apiVersions() {
        return new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1");
    }

    private static ByteBuf request(int apiKey, int version) {
        ByteBuf body = Unpooled.buffer();
        body.writeShort(apiKey).writeShort(version).writeInt(1).writeShort(-1).writeInt(0);
        return Unpooled.buffer().writeInt(body.readableBytes()).writeBytes(body);
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }
}
