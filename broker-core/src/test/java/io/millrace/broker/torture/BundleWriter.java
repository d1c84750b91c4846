// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.protocol.message.Commit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;

/** Commits JMS bundles into several queues, one after the other, each repeated under its id until its outcome is known. */
final class BundleWriter extends Client {
    private static final int ANSWER_MS = 10_000;
    private static final long PATIENCE_NS = TimeUnit.MINUTES.toNanos(15);

    private final Sender sender;
    private final List<TopicPartition> queues;
    private final TortureRun run;

    BundleWriter(Sender sender, List<TopicPartition> queues, TortureRun run) {
        super("bundles-" + sender.number(), run.failure());
        this.sender = sender;
        this.queues = queues;
        this.run = run;
    }

    @Override
    void work() {
        MillraceTestClient client = null;
        for (int position = 0; !finishing(); position++) {
            for (TopicPartition queue : queues) {
                run.history().add(new Event.Sent(sender, queue, position));
            }
            String text = Payloads.bundle(sender, position);
            UUID id = UUID.randomUUID();
            long giveUp = System.nanoTime() + PATIENCE_NS;
            boolean done = false;
            while (!done) {
                if (System.nanoTime() > giveUp) {
                    throw new AssertionError("no outcome of " + text);
                }
                try {
                    client = client == null ? MillraceTestClient.connected(run.port()) : client;
                    done = commit(client, id, text);
                } catch (RuntimeException | AssertionError cut) {
                    client = closed(client);
                }
            }
            for (TopicPartition queue : queues) {
                run.history().add(new Event.Acknowledged(sender, queue, position, Event.UNKNOWN));
            }
        }
        closed(client);
    }

    private boolean commit(MillraceTestClient client, UUID id, String text) {
        List<Commit.Send> sends = queues.stream()
                .map(queue -> MillraceTestClient.batch(queue.topic(), queue.partition(), text))
                .toList();
        try {
            return client.send(new Commit(0, id, sends, List.of()))
                    .orTimeout(ANSWER_MS, TimeUnit.MILLISECONDS)
                    .join()
                    .status()
                    .isOk();
        } catch (CompletionException noOutcome) {
            throw new IllegalStateException("no answer for " + text, noOutcome);
        }
    }

    private static MillraceTestClient closed(MillraceTestClient client) {
        if (client != null) {
            client.close();
        }
        return null;
    }
}
