// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import io.millrace.broker.record.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in memory, for tests. One {@link Registry} stands for the ensemble; each broker has an {@code
 * InMemoryCluster} of its own on it. Futures and listeners complete on the registry's thread, as with a real client.
 */
public final class InMemoryCluster implements Cluster {
    private final Registry registry;
    private final List<Listener> listeners = new ArrayList<>();
    private @Nullable BrokerInfo self;
    private volatile ClusterView view = ClusterView.EMPTY;
    private boolean closed;

    /** A cluster of one broker. */
    public InMemoryCluster() {
        this(new Registry());
    }

    public InMemoryCluster(Registry registry) {
        this.registry = registry;
        registry.join(this);
    }

    @Override
    public String clusterId() {
        return "in-memory-cluster-id00";
    }

    @Override
    public CompletableFuture<Void> register(BrokerInfo broker) {
        return registry.submit(() -> {
            registry.register(this, broker);
            return null;
        });
    }

    @Override
    public ClusterView view() {
        return view;
    }

    @Override
    public void addListener(Listener listener) {
        registry.run(() -> {
            listeners.add(listener);
            listener.onChange(view);
        });
    }

    @Override
    public CompletableFuture<TopicInfo> createTopic(String name, List<Integer> owners, Map<String, String> config) {
        return registry.submit(() -> registry.createTopic(name, owners, config));
    }

    @Override
    public CompletableFuture<TopicInfo> addPartitions(String name, List<Integer> owners, int expectedVersion) {
        return registry.submit(() -> registry.update(name, expectedVersion, old -> old.grown(owners)));
    }

    @Override
    public CompletableFuture<Void> deleteTopic(String name) {
        return registry.submit(() -> {
            registry.deleteTopic(name);
            return null;
        });
    }

    @Override
    public CompletableFuture<TopicInfo> updateTopicConfig(
            String name, Map<String, String> config, int expectedVersion) {
        return registry.submit(() -> registry.update(
                name,
                expectedVersion,
                old -> new TopicInfo(old.id(), old.name(), old.partitions(), config, old.version() + 1)));
    }

    @Override
    public CompletableFuture<Integer> claim(PartitionId partition) {
        return registry.submit(() -> registry.claim(partition, self));
    }

    @Override
    public CompletableFuture<Long> allocateProducerIds(int size) {
        return registry.submit(() -> registry.allocateProducerIds(size));
    }

    @Override
    public CompletableFuture<Void> updateDocument(String kind, String name, UnaryOperator<Map<String, String>> change) {
        return registry.submit(() -> {
            registry.updateDocument(kind, name, change);
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> claimClientId(String clientId, UUID client, Runnable onLost) {
        return registry.submit(() -> {
            registry.claimClientId(clientId, new ClientIdClaim(client, this, onLost));
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> releaseClientId(String clientId, UUID client) {
        return registry.submit(() -> {
            registry.releaseClientId(clientId, client, this);
            return null;
        });
    }

    private record ClientIdClaim(UUID client, InMemoryCluster through, Runnable onLost) {}

    /** Ends the session as if ZooKeeper had given the broker up. */
    public void expireSession() {
        registry.submit(() -> {
                    registry.leave(this);
                    self = null;
                    listeners.forEach(Listener::onSessionLost);
                    return null;
                })
                .join();
    }

    @Override
    public void close() {
        registry.submit(() -> {
                    if (!closed) {
                        closed = true;
                        registry.leave(this);
                        registry.part(this);
                    }
                    return null;
                })
                .join();
    }

    private void show(ClusterView changed) {
        view = changed;
        listeners.forEach(listener -> listener.onChange(changed));
    }

    /** What all brokers share. Its one thread owns all state here, also that of the clusters on it. */
    public static final class Registry {
        private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "in-memory-cluster");
            daemon.setDaemon(true);
            return daemon;
        });
        private final List<InMemoryCluster> members = new ArrayList<>();
        private final Map<Integer, BrokerInfo> brokers = new TreeMap<>();
        private final List<Integer> election = new ArrayList<>();
        private final Map<String, TopicInfo> topics = new TreeMap<>();
        private Map<String, Map<String, ClusterDocument>> documents = Map.of();
        private final Map<String, ClientIdClaim> clientIds = new HashMap<>();
        /** Those of brokers whose session ended and that may come back. */
        private final Map<String, ClientIdClaim> suspended = new HashMap<>();

        private long nextProducerId;

        private <T> CompletableFuture<T> submit(Supplier<T> work) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            thread.execute(() -> {
                try {
                    answer.complete(work.get());
                } catch (RuntimeException e) {
                    answer.completeExceptionally(e);
                }
            });
            return answer;
        }

        private void run(Runnable work) {
            thread.execute(work);
        }

        private void join(InMemoryCluster member) {
            submit(() -> {
                        members.add(member);
                        member.show(view());
                        return null;
                    })
                    .join();
        }

        private void part(InMemoryCluster member) {
            members.remove(member);
        }

        private void register(InMemoryCluster member, BrokerInfo broker) {
            BrokerInfo holder = brokers.get(broker.id());
            if (holder != null && !holder.incarnation().equals(broker.incarnation())) {
                throw new ClusterException(Reason.BROKER_ID_IN_USE, "broker id " + broker.id() + " is in use");
            }
            member.self = broker;
            brokers.put(broker.id(), broker);
            if (!election.contains(broker.id())) {
                election.add(broker.id());
            }
            for (Map.Entry<String, ClientIdClaim> claim : List.copyOf(suspended.entrySet())) {
                if (claim.getValue().through == member) {
                    suspended.remove(claim.getKey());
                    if (clientIds.putIfAbsent(claim.getKey(), claim.getValue()) != null) {
                        claim.getValue().onLost.run();
                    }
                }
            }
            changed();
        }

        private void leave(InMemoryCluster member) {
            BrokerInfo broker = member.self;
            if (broker != null) {
                clientIds.forEach((id, claim) -> {
                    if (claim.through == member) {
                        suspended.put(id, claim);
                    }
                });
                clientIds.values().removeIf(claim -> claim.through == member);
                brokers.remove(broker.id());
                election.remove((Object) broker.id());
                changed();
            }
        }

        private TopicInfo createTopic(String name, List<Integer> owners, Map<String, String> config) {
            if (topics.containsKey(name)) {
                throw new ClusterException(Reason.TOPIC_EXISTS, "topic " + name + " exists");
            }
            TopicInfo topic =
                    new TopicInfo(UUID.randomUUID(), name, TopicInfo.PartitionOwnership.unclaimed(owners), config, 0);
            topics.put(name, topic);
            changed();
            return topic;
        }

        private void deleteTopic(String name) {
            existing(name);
            topics.remove(name);
            changed();
        }

        private TopicInfo update(String name, int expectedVersion, UnaryOperator<TopicInfo> change) {
            TopicInfo old = existing(name);
            if (old.version() != expectedVersion) {
                throw new ClusterException(
                        Reason.VERSION_CONFLICT, "topic " + name + " changed since version " + expectedVersion);
            }
            return replace(change.apply(old));
        }

        private int claim(PartitionId partition, @Nullable BrokerInfo self) {
            TopicInfo old = existing(partition.topic());
            if (!old.id().equals(partition.topicId())
                    || partition.partition() >= old.partitions().size()) {
                throw new ClusterException(Reason.UNKNOWN_TOPIC, "there is no partition " + partition);
            }
            TopicInfo.PartitionOwnership present = old.partitions().get(partition.partition());
            if (self == null || present.owner() != self.id()) {
                throw new ClusterException(Reason.NOT_OWNER, partition + " belongs to broker " + present.owner());
            }
            List<TopicInfo.PartitionOwnership> owners = new ArrayList<>(old.partitions());
            int epoch = present.leaderEpoch() + 1;
            owners.set(partition.partition(), new TopicInfo.PartitionOwnership(self.id(), epoch));
            replace(new TopicInfo(old.id(), old.name(), owners, old.config(), old.version() + 1));
            return epoch;
        }

        private void claimClientId(String id, ClientIdClaim claim) {
            if (claim.through.self == null) {
                throw new ClusterException(Reason.UNAVAILABLE, "this broker is not registered");
            }
            ClientIdClaim present = clientIds.get(id);
            if (present != null && !present.client.equals(claim.client)) {
                throw new ClusterException(Reason.CLIENT_ID_IN_USE, "client id " + id + " is in use");
            }
            clientIds.put(id, claim);
        }

        private void releaseClientId(String id, UUID client, InMemoryCluster through) {
            ClientIdClaim present = clientIds.get(id);
            if (present != null && present.client.equals(client) && present.through == through) {
                clientIds.remove(id);
            }
        }

        private long allocateProducerIds(int size) {
            long first = nextProducerId;
            nextProducerId += size;
            return first;
        }

        private void updateDocument(String kind, String name, UnaryOperator<Map<String, String>> change) {
            Map<String, ClusterDocument> ofKind = new HashMap<>(documents.getOrDefault(kind, Map.of()));
            ClusterDocument present = ofKind.remove(name);
            Map<String, String> properties = change.apply(present == null ? Map.of() : present.properties());
            if (!properties.isEmpty()) {
                ofKind.put(name, new ClusterDocument(kind, name, properties));
            }
            Map<String, Map<String, ClusterDocument>> all = new HashMap<>(documents);
            all.put(kind, Map.copyOf(ofKind));
            documents = Map.copyOf(all);
            changed();
        }

        private TopicInfo existing(String name) {
            TopicInfo topic = topics.get(name);
            if (topic == null) {
                throw new ClusterException(Reason.UNKNOWN_TOPIC, "there is no topic " + name);
            }
            return topic;
        }

        private TopicInfo replace(TopicInfo topic) {
            topics.put(topic.name(), topic);
            changed();
            return topic;
        }

        private void changed() {
            ClusterView view = view();
            List.copyOf(members).forEach(member -> member.show(view));
        }

        private ClusterView view() {
            int controller = election.isEmpty() ? -1 : election.get(0);
            return ClusterView.of(brokers.values(), controller, topics.values(), documents);
        }
    }
}
