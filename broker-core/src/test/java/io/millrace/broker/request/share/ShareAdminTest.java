// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import static io.millrace.broker.request.share.ShareClients.await;
import static io.millrace.broker.request.share.ShareClients.poll;
import static io.millrace.broker.request.share.ShareClients.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Share groups and their settings as Kafka's Admin sees them. */
@Timeout(120)
class ShareAdminTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private ShareClients clients;
    private TopicPartition partition;

    @BeforeEach
    void connect(EmbeddedBroker broker) {
        clients = new ShareClients(broker.bootstrapServers(), 1);
        partition = new TopicPartition(clients.topic, 0);
    }

    @AfterEach
    void disconnect() {
        clients.close();
    }

    @Test
    void aShareGroupIsDescribedWithItsMembersAndListedByItsType() throws Exception {
        clients.send("a");
        KafkaShareConsumer<String, String> consumer = clients.implicit();
        poll(consumer);

        ShareGroupDescription group = clients.admin
                .describeShareGroups(List.of(clients.group))
                .all()
                .get()
                .get(clients.group);

        assertEquals(GroupState.STABLE, group.groupState());
        assertEquals(
                Set.of(partition),
                group.members().iterator().next().assignment().topicPartitions());
        GroupListing listed = clients.admin.listGroups().all().get().stream()
                .filter(one -> one.groupId().equals(clients.group))
                .findFirst()
                .orElseThrow();
        assertEquals(GroupType.SHARE, listed.type().orElseThrow());
    }

    @Test
    void offsetsAreListedAlteredAndDeletedOnlyWithoutMembers() throws Exception {
        clients.send("0", "1", "2", "3", "4");
        KafkaShareConsumer<String, String> consumer = clients.implicit();
        poll(consumer);
        consumer.commitSync();
        assertEquals(5, offset().startOffset());
        assertEquals(0L, offset().lag().orElseThrow());
        assertFails(GroupNotEmptyException.class, alter(2));
        consumer.close();
        await(() -> clients.admin
                .describeShareGroups(List.of(clients.group))
                .all()
                .get()
                .get(clients.group)
                .members()
                .isEmpty());

        alter(2).get();

        assertEquals(2, offset().startOffset());
        assertEquals(3L, offset().lag().orElseThrow());
        assertEquals(List.of("2", "3", "4"), values(poll(clients.implicit())));
    }

    @Test
    void aDeletedGroupBeginsAnew() throws Exception {
        clients.send("0", "1");
        KafkaShareConsumer<String, String> consumer = clients.implicit();
        poll(consumer);
        consumer.commitSync();
        assertFails(
                GroupNotEmptyException.class,
                clients.admin.deleteShareGroups(List.of(clients.group)).all());
        consumer.close();

        await(() -> {
            clients.admin.deleteShareGroups(List.of(clients.group)).all().get();
            return true;
        });

        assertFails(
                GroupIdNotFoundException.class,
                clients.admin.describeShareGroups(List.of(clients.group)).all());
        assertEquals(List.of("0", "1"), values(poll(clients.implicit())));
    }

    @Test
    void aGroupsSettingsAreItsOwnAndChecked() throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, clients.group);
        assertFails(InvalidConfigurationException.class, set("share.record.lock.duration.ms", "14999"));
        assertFails(InvalidConfigurationException.class, set("share.auto.offset.reset", "sometime"));
        assertFails(InvalidConfigurationException.class, set("share.nonsense", "1"));

        set("share.auto.offset.reset", "by_duration:PT1H").get();

        ConfigEntry own = clients.admin
                .describeConfigs(List.of(group))
                .all()
                .get()
                .get(group)
                .get("share.auto.offset.reset");
        assertEquals("by_duration:PT1H", own.value());
        assertEquals(ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG, own.source());
        clients.send("an hour ago it was not there");
        assertEquals(1, poll(clients.implicit()).size());
    }

    @Test
    void shareGroupsAreAnnouncedAsAFeature() throws Exception {
        assertTrue(clients.admin
                        .describeFeatures()
                        .featureMetadata()
                        .get()
                        .finalizedFeatures()
                        .get("share.version")
                        .maxVersionLevel()
                >= 1);
    }

    private KafkaFuture<Void> set(String key, String value) {
        return clients.admin
                .incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.GROUP, clients.group),
                        List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                .all();
    }

    private KafkaFuture<Void> alter(long offset) {
        return clients.admin
                .alterShareGroupOffsets(clients.group, Map.of(partition, offset))
                .all();
    }

    private SharePartitionOffsetInfo offset() throws Exception {
        return clients.admin
                .listShareGroupOffsets(Map.of(clients.group, new ListShareGroupOffsetsSpec()))
                .partitionsToOffsetInfo(clients.group)
                .get()
                .get(partition);
    }

    private static void assertFails(Class<? extends Throwable> expected, KafkaFuture<?> call) {
        assertInstanceOf(
                expected, assertThrows(ExecutionException.class, call::get).getCause());
    }
}
