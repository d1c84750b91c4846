// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import static io.millrace.broker.request.share.ShareClients.await;
import static io.millrace.broker.request.share.ShareClients.counts;
import static io.millrace.broker.request.share.ShareClients.poll;
import static io.millrace.broker.request.share.ShareClients.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cli.BrokerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Share groups over a kill -9 of the broker's process. */
@Timeout(180)
class ShareCrashTest {
    @TempDir
    Path directory;

    @Test
    void whatWasAnsweredAsAcceptedIsNeverDeliveredAgainAndAReleaseIsCounted() throws Exception {
        int port = freePort();
        try (BrokerProcess killed = broker("first", port)) {
            killed.awaitReady();
            try (ShareClients clients = new ShareClients("127.0.0.1:" + port, 1)) {
                clients.send("accepted", "released", "rejected", "held", "never seen");
                KafkaShareConsumer<String, String> consumer = clients.explicit();
                List<ConsumerRecord<String, String>> got = poll(consumer);
                consumer.acknowledge(got.get(0), AcknowledgeType.ACCEPT);
                consumer.acknowledge(got.get(1), AcknowledgeType.RELEASE);
                consumer.acknowledge(got.get(2), AcknowledgeType.REJECT);
                consumer.acknowledge(got.get(3), AcknowledgeType.RENEW);
                consumer.acknowledge(got.get(4), AcknowledgeType.RENEW);
                consumer.commitSync()
                        .forEach((where, failure) -> assertEquals(Optional.empty(), failure, where.toString()));

                killed.kill();

                try (BrokerProcess again = broker("second", port)) {
                    again.awaitReady();
                    List<ConsumerRecord<String, String>> after = new ArrayList<>();
                    KafkaShareConsumer<String, String> other = clients.implicit();
                    await(() -> {
                        other.poll(Duration.ofMillis(200)).forEach(after::add);
                        return after.size() >= 3;
                    });
                    assertEquals(List.of("released", "held", "never seen"), values(after));
                    // The first member comes back by itself and may have held them meanwhile, which counts too.
                    assertTrue(counts(after).get(0) >= 2, counts(after).toString());
                }
            }
        }
    }

    private BrokerProcess broker(String name, int port) throws IOException {
        return new BrokerProcess(
                directory.resolve(name + ".err"),
                "start",
                "--data",
                directory.resolve("data").toString(),
                "--port",
                Integer.toString(port));
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
