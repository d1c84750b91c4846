// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.CreateTemporary;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.SubscriptionKind;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Branches of distributed transactions that touch temporary destinations. */
@Timeout(60)
class TemporaryBranchesTest {
    private static final BranchId BRANCH = new BranchId(7, "01ff", "02");

    @TempDir
    Path directory;

    private static String prepareReply(MillraceTestClient client) {
        client.openQueue("out");
        String temporary = ((CreateTemporary.Response) client.ok(new CreateTemporary(DestinationKind.QUEUE))).name();
        client.ok(new Prepare(
                1,
                UUID.randomUUID(),
                BRANCH,
                List.of(MillraceTestClient.batch("out", 0, "x"), MillraceTestClient.batch(temporary, 0, "reply")),
                List.of()));
        return temporary;
    }

    private static EndBranch commit() {
        return new EndBranch(UUID.randomUUID(), BRANCH, Action.COMMIT, false);
    }

    private static List<String> texts(MillraceTestClient client, long consumer, String queue) {
        client.subscribe(1, consumer, SubscriptionKind.QUEUE, queue);
        return client.pullNow(consumer, 10).stream().map(Message::text).toList();
    }

    @Test
    void replyIsSentAtCommit() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory);
                MillraceTestClient client = MillraceTestClient.connected(broker.port())) {
            String temporary = prepareReply(client);
            assertEquals(List.of(), texts(client, 1, temporary));

            client.ok(commit());

            assertEquals("reply", client.pull(1, 1).get(0).text());
        }
    }

    @Test
    void replyToAQueueThatIsGoneDoesNotKeepTheRestFromItsCommit() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory)) {
            try (MillraceTestClient client = MillraceTestClient.connected(broker.port())) {
                prepareReply(client);
            }
            broker.restart();
            try (MillraceTestClient client = MillraceTestClient.connected(broker.port())) {
                client.ok(commit());

                assertEquals(List.of("x"), texts(client, 1, "out"));
                assertEquals(ErrorCode.UNKNOWN_BRANCH, client.status(commit()).code());
            }
        }
    }
}
