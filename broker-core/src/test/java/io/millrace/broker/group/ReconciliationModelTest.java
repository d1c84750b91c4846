// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.SESSION_MS;
import static io.millrace.broker.group.ShardFixture.now;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Members come, go, lose answers and take their time while topics change and the broker restarts: no partition is ever
 * used by two, and in the end everything is shared out.
 */
class ReconciliationModelTest {
    private static final int ROUNDS = 60;
    private static final int STEPS = 120;

    @Test
    void neverTwoUsersAndInTheEndEverythingIsShared() {
        long seed = System.nanoTime();
        for (int round = 0; round < ROUNDS; round++) {
            new Model(seed + round).run();
        }
    }

    private static final class Model {
        private final String context;
        private final Random random;
        private final List<ConsumerClient> clients = new ArrayList<>();
        private final Map<String, Integer> partitions = new HashMap<>();
        private final Map<String, UUID> ids = new HashMap<>();
        private ShardFixture f = new ShardFixture(6);
        private int nextId;

        Model(long seed) {
            context = "seed " + seed;
            random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                grow("topic-" + i);
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step();
                checkExclusive();
            }
            quiesce();
            checkComplete();
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 12) {
                come();
            } else if (dice < 60) {
                withOne(client -> client.heartbeat(f));
            } else if (dice < 75) {
                withOne(ConsumerClient::react);
            } else if (dice < 80) {
                withOne(client -> client.heartbeatInVain(f));
            } else if (dice < 84) {
                go();
            } else if (dice < 87) {
                grow("topic-" + random.nextInt(4));
            } else if (dice < 88) {
                shrink();
            } else if (dice < 92) {
                f = random.nextBoolean() ? f.restarted() : f.restoredFromSnapshot();
            } else if (dice < 96) {
                withOne(client -> client.subscribe(subscription()));
            } else {
                pass();
            }
        }

        private void come() {
            if (clients.size() < 6) {
                ConsumerClient client = new ConsumerClient("m" + nextId++);
                client.topicNames = subscription();
                client.topicRegex = random.nextInt(4) == 0 ? "topic-[12]" : null;
                client.assignor = random.nextInt(3) == 0 ? "range" : null;
                client.instanceId = random.nextInt(3) == 0 ? "i-" + client.memberId : null;
                clients.add(client);
            }
        }

        private List<String> subscription() {
            return IntStream.range(0, 4)
                    .filter(i -> random.nextInt(4) != 0)
                    .mapToObj(i -> "topic-" + i)
                    .toList();
        }

        private void go() {
            withOne(client -> {
                int how = random.nextInt(4);
                if (how == 0) {
                    client.dropAll(); // dies silently, its successor comes under another id
                    client.memberId = "m" + nextId++;
                    client.instanceId = null;
                } else if (how == 1 && client.instanceId != null && client.epoch > 0) {
                    client.leave(f, -2);
                    client.memberId = "m" + nextId++;
                } else {
                    client.leave(f, -1);
                    clients.remove(client);
                }
            });
        }

        private void grow(String topic) {
            int count = partitions.merge(topic, 1 + random.nextInt(4), Integer::sum);
            ids.put(topic, f.topic(topic, count));
        }

        private void shrink() {
            String topic = "topic-" + random.nextInt(4);
            if (partitions.size() > 1 && partitions.remove(topic) != null) {
                UUID gone = ids.remove(topic);
                f.deleteTopic(topic);
                assertFalse(ids.containsValue(gone));
            }
        }

        /** Short enough that nobody who lives times out. */
        private void pass() {
            clients.forEach(client -> {
                client.react();
                client.heartbeat(f);
            });
            f.loop.advanceMs(SESSION_MS / 2);
            clients.forEach(client -> {
                client.react();
                client.heartbeat(f);
            });
        }

        private void quiesce() {
            for (int i = 0; i < 12; i++) {
                pass();
                checkExclusive();
            }
        }

        private void checkExclusive() {
            PartitionSet used = PartitionSet.EMPTY;
            for (ConsumerClient client : clients) {
                assertFalse(used.intersects(client.owned), context);
                used = used.plus(client.owned);
            }
        }

        private void checkComplete() {
            PartitionSet.Builder wanted = new PartitionSet.Builder();
            partitions.forEach((topic, count) -> {
                if (clients.stream().anyMatch(client -> wants(client, topic))) {
                    IntStream.range(0, count).forEach(index -> wanted.add(ids.get(topic), index));
                }
            });
            PartitionSet used = PartitionSet.EMPTY;
            for (ConsumerClient client : clients) {
                used = used.plus(client.owned);
                partitions.keySet().stream()
                        .filter(topic -> !wants(client, topic))
                        .forEach(topic -> assertEquals(List.of(), client.owned.partitions(ids.get(topic)), context));
            }
            assertEquals(wanted.build(), used, context);
            if (!clients.isEmpty()) {
                assertEquals(
                        "Stable",
                        now(f.shard.administration().describeConsumerGroup(GROUP))
                                .state(),
                        context);
                ConsumerGroupDescription before = now(f.shard.administration().describeConsumerGroup(GROUP));
                assertEquals(before, now(f.restarted().shard.administration().describeConsumerGroup(GROUP)), context);
                assertEquals(
                        before,
                        now(f.restoredFromSnapshot().shard.administration().describeConsumerGroup(GROUP)),
                        context);
            }
        }

        private static boolean wants(ConsumerClient client, String topic) {
            return client.topicNames.contains(topic) || (client.topicRegex != null && topic.matches(client.topicRegex));
        }

        private void withOne(Consumer<ConsumerClient> action) {
            if (!clients.isEmpty()) {
                action.accept(clients.get(random.nextInt(clients.size())));
            }
        }
    }
}
