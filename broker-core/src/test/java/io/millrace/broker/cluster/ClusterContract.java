// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import io.millrace.broker.record.PartitionId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link Cluster} does. */
public abstract class ClusterContract {
    private final List<Cluster> open = new ArrayList<>();

    /** Another broker's client of the one ensemble of this test. */
    protected abstract Cluster connect();

    @AfterEach
    void closeClusters() {
        open.forEach(Cluster::close);
    }

    protected final Cluster broker(int id) {
        Cluster cluster = connect();
        open.add(cluster);
        cluster.register(info(id)).join();
        return cluster;
    }

    protected static BrokerInfo info(int id) {
        return new BrokerInfo(id, UUID.randomUUID(), "127.0.0.1", 9092 + id, id == 0 ? null : "rack-" + id);
    }

    protected static Reason reasonOf(CompletableFuture<?> future) {
        CompletionException failure = assertThrows(CompletionException.class, future::join);
        return ((ClusterException) failure.getCause()).reason();
    }

    protected static PartitionId partition(TopicInfo topic, int index) {
        return new PartitionId(topic.id(), topic.name(), index);
    }

    @Test
    void aRegisteredBrokerSeesItselfAndIsController() {
        // When
        Cluster cluster = broker(0);
        // Then
        assertEquals(Set.of(0), cluster.view().brokers().keySet());
        assertEquals(0, cluster.view().controllerId());
    }

    @Test
    void brokersSeeEachOtherAndAgreeOnTheController() {
        // Given
        Cluster first = broker(0);
        // When
        Cluster second = broker(1);
        // Then
        await().until(() -> first.view().brokers().size() == 2);
        assertEquals(first.view().brokers(), second.view().brokers());
        assertEquals("rack-1", first.view().brokers().get(1).rack());
        assertEquals(0, second.view().controllerId());
        assertEquals(first.clusterId(), second.clusterId());
        assertEquals(22, first.clusterId().length());
    }

    @Test
    void anIdThatAnotherBrokerHoldsIsRefused() {
        // Given
        broker(0);
        Cluster other = connect();
        open.add(other);
        // When
        Reason reason = reasonOf(other.register(info(0)));
        // Then
        assertEquals(Reason.BROKER_ID_IN_USE, reason);
    }

    @Test
    void theControllerMovesOnWhenItGoes() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        // When
        first.close();
        // Then
        await().until(() -> second.view().controllerId() == 1);
        await().until(() -> second.view().brokers().keySet().equals(Set.of(1)));
    }

    @Test
    void aCreatedTopicIsInTheCreatorsViewAtOnceAndInTheOthersSoon() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        await().until(() -> first.view().brokers().size() == 2);
        // When
        TopicInfo topic =
                first.createTopic("orders", 4, Map.of("retention.ms", "1000")).join();
        // Then
        assertEquals(topic, first.view().topic("orders"));
        assertEquals(topic, first.view().topic(topic.id()));
        await().until(() -> topic.equals(second.view().topic("orders")));
        assertEquals(2, topic.partitions().stream().filter(p -> p.owner() == 0).count());
        assertEquals(Map.of("retention.ms", "1000"), topic.config());
    }

    @Test
    void aTopicNameIsTakenOnce() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        // When
        List<CompletableFuture<TopicInfo>> attempts =
                List.of(first.createTopic("t", 1, Map.of()), second.createTopic("t", 1, Map.of()));
        // Then
        await().until(() -> attempts.stream().allMatch(CompletableFuture::isDone));
        List<CompletableFuture<TopicInfo>> failed = attempts.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .toList();
        assertEquals(1, failed.size());
        assertEquals(Reason.TOPIC_EXISTS, reasonOf(failed.get(0)));
    }

    @Test
    void whoIsToldThatATopicExistsHasItInItsView() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        List<String> unseen = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String name = "t" + i;
            first.createTopic(name, 1, Map.of()).join();
            // When
            CompletableFuture<TopicInfo> refused = second.createTopic(name, 1, Map.of());
            boolean seen = refused.handle((made, failure) -> second.view().topic(name) != null)
                    .join();
            // Then
            assertEquals(Reason.TOPIC_EXISTS, reasonOf(refused));
            if (!seen) {
                unseen.add(name);
            }
        }
        assertEquals(List.of(), unseen);
    }

    @Test
    void aDeletedTopicIsGoneAndItsNameGetsANewId() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        TopicInfo old = first.createTopic("t", 1, Map.of()).join();
        // When
        first.deleteTopic("t").join();
        // Then
        assertNull(first.view().topic("t"));
        await().until(() -> second.view().topic("t") == null);
        assertEquals(Reason.UNKNOWN_TOPIC, reasonOf(first.deleteTopic("t")));
        assertNotEquals(old.id(), second.createTopic("t", 1, Map.of()).join().id());
    }

    @Test
    void aConfigIsChangedByWhoKnowsItsVersionOnly() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        TopicInfo topic = first.createTopic("t", 1, Map.of()).join();
        TopicInfo changed =
                first.updateTopicConfig("t", Map.of("a", "1"), topic.version()).join();
        // When
        CompletableFuture<TopicInfo> late = second.updateTopicConfig("t", Map.of("a", "2"), topic.version());
        // Then
        assertEquals(Reason.VERSION_CONFLICT, reasonOf(late));
        assertEquals(Map.of("a", "1"), changed.config());
        await().until(() -> changed.equals(second.view().topic("t")));
        assertEquals(Reason.UNKNOWN_TOPIC, reasonOf(second.updateTopicConfig("none", Map.of(), 0)));
    }

    @Test
    void partitionsAreAddedByWhoKnowsTheTopicsVersionOnlyAndOwnersMayBeGiven() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        TopicInfo topic = first.createTopic("t", List.of(1, 0), Map.of()).join();
        int epoch = first.claim(partition(topic, 1)).join();
        int version = first.view().topic("t").version();
        // When
        TopicInfo grown = first.addPartitions("t", List.of(1, 1), version).join();
        // Then
        assertEquals(
                List.of(1, 0, 1, 1),
                grown.partitions().stream().map(PartitionOwnership::owner).toList());
        assertEquals(
                List.of(0, epoch, 0, 0),
                grown.partitions().stream().map(PartitionOwnership::leaderEpoch).toList());
        assertEquals(grown, first.view().topic("t"));
        await().until(() -> grown.equals(second.view().topic("t")));
        assertEquals(Reason.VERSION_CONFLICT, reasonOf(second.addPartitions("t", List.of(0), version)));
        assertEquals(Reason.UNKNOWN_TOPIC, reasonOf(second.addPartitions("none", List.of(0), 0)));
    }

    @Test
    void eachClaimRaisesTheLeaderEpoch() {
        // Given
        Cluster cluster = broker(0);
        TopicInfo topic = cluster.createTopic("t", 2, Map.of()).join();
        // When
        int first = cluster.claim(partition(topic, 1)).join();
        int second = cluster.claim(partition(topic, 1)).join();
        // Then
        assertEquals(topic.partitions().get(1).leaderEpoch() + 1, first);
        assertEquals(first + 1, second);
        assertEquals(second, cluster.view().topic("t").partitions().get(1).leaderEpoch());
        assertEquals(0, cluster.view().topic("t").partitions().get(0).leaderEpoch());
    }

    @Test
    void aClaimIsAnsweredWithTheViewShowingIt() {
        // Given
        Cluster cluster = broker(0);
        TopicInfo topic = cluster.createTopic("t", 20, Map.of()).join();
        // When
        List<CompletableFuture<Boolean>> shown = IntStream.range(0, 20)
                .mapToObj(index -> cluster.claim(partition(topic, index))
                        .thenApply(epoch -> cluster.view()
                                        .topic("t")
                                        .partitions()
                                        .get(index)
                                        .leaderEpoch()
                                == epoch))
                .toList();
        // Then
        shown.forEach(future -> assertTrue(future.join()));
    }

    @Test
    void aPartitionOfAnotherBrokerOrTopicIsNotClaimed() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        await().until(() -> first.view().brokers().size() == 2);
        TopicInfo topic = first.createTopic("t", 2, Map.of()).join();
        int foreign = topic.partitions().get(0).owner() == 0 ? 1 : 0;
        // When, then
        assertEquals(Reason.NOT_OWNER, reasonOf(first.claim(partition(topic, foreign))));
        assertEquals(Reason.UNKNOWN_TOPIC, reasonOf(first.claim(partition(topic, 2))));
        assertEquals(Reason.UNKNOWN_TOPIC, reasonOf(first.claim(new PartitionId(UUID.randomUUID(), "t", 0))));
        assertEquals(Reason.UNKNOWN_TOPIC, reasonOf(second.claim(new PartitionId(topic.id(), "none", 0))));
    }

    @Test
    void producerIdBlocksOfSeveralBrokersNeverOverlap() {
        // Given
        List<Cluster> brokers = List.of(broker(0), broker(1));
        // When
        List<CompletableFuture<Long>> blocks = IntStream.range(0, 20)
                .mapToObj(turn -> brokers.get(turn % 2).allocateProducerIds(10))
                .toList();
        // Then
        Set<Long> ids = new HashSet<>();
        for (CompletableFuture<Long> block : blocks) {
            for (long id = block.join(); id < block.join() + 10; id++) {
                assertTrue(ids.add(id), "id " + id + " was given twice");
            }
        }
    }

    @Test
    void aDocumentIsSeenByAllBrokersUntilItHasNoPropertiesLeft() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        String name = "any text/with <odd> characters";
        // When
        first.updateDocument("quotas", name, old -> Map.of("rate", "1")).join();
        // Then
        ClusterDocument shown = new ClusterDocument("quotas", name, Map.of("rate", "1"));
        assertEquals(Map.of(name, shown), first.view().documents("quotas"));
        await().until(() -> shown.equals(second.view().documents("quotas").get(name)));
        assertEquals(shown, connectLater().view().documents("quotas").get(name));
        // When
        second.updateDocument("quotas", name, old -> Map.of()).join();
        // Then
        await().until(() -> first.view().documents("quotas").isEmpty());
    }

    private Cluster connectLater() {
        return broker(2);
    }

    @Test
    void concurrentChangesOfOneDocumentAllCount() {
        // Given
        List<Cluster> brokers = List.of(broker(0), broker(1));
        // When
        List<CompletableFuture<Void>> changes = IntStream.range(0, 20)
                .mapToObj(turn -> brokers.get(turn % 2).updateDocument("counts", "one", old -> {
                    int count = Integer.parseInt(old.getOrDefault("count", "0"));
                    return Map.of("count", Integer.toString(count + 1));
                }))
                .toList();
        changes.forEach(CompletableFuture::join);
        // Then
        await().until(() -> brokers.stream()
                .allMatch(broker -> "20"
                        .equals(broker.view()
                                .documents("counts")
                                .get("one")
                                .properties()
                                .get("count"))));
    }

    @Test
    void aListenerIsToldThePresentAndThenEachChangeInOrder() {
        // Given
        Cluster first = broker(0);
        Cluster second = broker(1);
        List<ClusterView> views = new CopyOnWriteArrayList<>();
        second.addListener(views::add);
        await().until(() -> views.size() == 1);
        // When
        TopicInfo topic = first.createTopic("t", 1, Map.of()).join();
        for (int turn = 1; turn <= 10; turn++) {
            first.updateTopicConfig("t", Map.of("turn", Integer.toString(turn)), turn - 1)
                    .join();
        }
        // Then
        await().until(() -> topic.version() + 10 == lastVersion(views));
        List<Integer> versions = views.stream()
                .map(view -> view.topic("t"))
                .filter(shown -> shown != null)
                .map(TopicInfo::version)
                .toList();
        assertEquals(versions.stream().sorted().toList(), versions);
    }

    private static int lastVersion(List<ClusterView> views) {
        TopicInfo topic = views.get(views.size() - 1).topic("t");
        return topic == null ? -1 : topic.version();
    }

    @Test
    void afterCloseEverythingIsRefusedAndCloseMayBeRepeated() {
        // Given
        Cluster cluster = broker(0);
        // When
        cluster.close();
        cluster.close();
        // Then
        assertEquals(Reason.UNAVAILABLE, reasonOf(cluster.createTopic("t", 1, Map.of())));
    }

    private static void claim(Cluster through, String id, UUID client) {
        through.claimClientId(id, client, () -> {}).join();
    }

    @Test
    void aClientIdIsOfOneClientOverAllBrokersUntilItIsReleased() {
        Cluster first = broker(0);
        Cluster second = broker(1);
        UUID holder = UUID.randomUUID();
        claim(first, "billing", holder);
        // When
        Reason here = reasonOf(first.claimClientId("billing", UUID.randomUUID(), () -> {}));
        Reason there = reasonOf(second.claimClientId("billing", UUID.randomUUID(), () -> {}));
        // Then
        assertEquals(Reason.CLIENT_ID_IN_USE, here);
        assertEquals(Reason.CLIENT_ID_IN_USE, there);
        first.releaseClientId("billing", holder).join();
        claim(second, "billing", UUID.randomUUID());
    }

    @Test
    void clientIdsOfAnyCharactersAreDifferent() {
        Cluster cluster = broker(0);
        List<String> ids =
                List.of("a/b", "a%2Fb", "a b", "a+b", ".", "..", "*", "Zoë", "\uD83D\uDE80", "a\nb", "A/B", "/");
        // When, Then
        ids.forEach(id -> claim(cluster, id, UUID.randomUUID()));
        ids.forEach(id -> assertEquals(
                Reason.CLIENT_ID_IN_USE, reasonOf(cluster.claimClientId(id, UUID.randomUUID(), () -> {}))));
    }

    @Test
    void theSameClientTakesItsIdThroughAnotherBrokerAndTheFirstOneCannotTakeItAway() {
        Cluster first = broker(0);
        Cluster second = broker(1);
        UUID holder = UUID.randomUUID();
        claim(first, "billing", holder);
        // When
        claim(second, "billing", holder);
        first.releaseClientId("billing", holder).join();
        // Then
        assertEquals(Reason.CLIENT_ID_IN_USE, reasonOf(first.claimClientId("billing", UUID.randomUUID(), () -> {})));
    }

    @Test
    void aBrokerThatEndsFreesItsClientIds() {
        Cluster first = broker(0);
        Cluster second = broker(1);
        claim(first, "billing", UUID.randomUUID());
        // When
        first.close();
        // Then
        claim(second, "billing", UUID.randomUUID());
    }

    @Test
    void releasingForAClientThatDoesNotHoldTheIdDoesNothing() {
        Cluster cluster = broker(0);
        claim(cluster, "billing", UUID.randomUUID());
        // When
        cluster.releaseClientId("billing", UUID.randomUUID()).join();
        // Then
        assertEquals(Reason.CLIENT_ID_IN_USE, reasonOf(cluster.claimClientId("billing", UUID.randomUUID(), () -> {})));
    }

    @Test
    void aBrokerThatIsNotRegisteredTakesNoClientId() {
        Cluster cluster = connect();
        open.add(cluster);
        // When, Then
        assertEquals(Reason.UNAVAILABLE, reasonOf(cluster.claimClientId("billing", UUID.randomUUID(), () -> {})));
    }
}
