// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.kafka.ResponseDecoder;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BackPressureTest {
    private static final int ONE_REQUEST = 1;

    @Test
    void aConnectionThatWaitedForItsAnswersAndThenForTheStoreIsReadAgain() throws Exception {
        AtomicBoolean writable = new AtomicBoolean(true);
        BlockingQueue<CompletableFuture<ApiMessage>> asked = new LinkedBlockingQueue<>();
        KafkaApis apis = KafkaApis.builder()
                .on(ApiKeys.METADATA, MetadataRequestData.class, (context, request) -> {
                    CompletableFuture<ApiMessage> answer = new CompletableFuture<>();
                    asked.add(answer);
                    return answer;
                })
                .build();
        NetworkSettings settings =
                new NetworkSettings("127.0.0.1", 0, 10, Duration.ofMinutes(1), 1 << 20, ONE_REQUEST, 64L << 20);
        try (OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(1));
                NetworkServer server =
                        NetworkServer.start(loops.group(), settings, apis, BrokerClock.SYSTEM, writable::get);
                RawClient client = new RawClient(server.port())) {
            // Given: one request in progress, which is all the connection may have
            client.send(ApiKeys.METADATA, 9, new MetadataRequestData());
            CompletableFuture<ApiMessage> first = asked.poll(10, TimeUnit.SECONDS);
            // When: it is answered while the store is behind
            writable.set(false);
            first.complete(new MetadataResponseData());
            client.receive();
            writable.set(true);
            // Then
            int second = client.send(ApiKeys.METADATA, 9, new MetadataRequestData());
            asked.poll(10, TimeUnit.SECONDS).complete(new MetadataResponseData());
            assertEquals(second, ResponseDecoder.correlationId(client.receive()));
        }
    }
}
