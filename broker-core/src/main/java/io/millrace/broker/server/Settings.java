// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static io.millrace.broker.config.BrokerConfigKeys.AUTO_CREATE_TOPICS_ENABLE;
import static io.millrace.broker.config.BrokerConfigKeys.CONNECTIONS_MAX_IDLE_MS;
import static io.millrace.broker.config.BrokerConfigKeys.DATA_DIR;
import static io.millrace.broker.config.BrokerConfigKeys.JMS_HEARTBEAT_TIMEOUT_MS;
import static io.millrace.broker.config.BrokerConfigKeys.JMS_MAX_CREDIT;
import static io.millrace.broker.config.BrokerConfigKeys.JMS_MAX_INFLIGHT;
import static io.millrace.broker.config.BrokerConfigKeys.JMS_REMEMBERED_BUNDLES;
import static io.millrace.broker.config.BrokerConfigKeys.LISTEN_HOST;
import static io.millrace.broker.config.BrokerConfigKeys.LISTEN_PORT;
import static io.millrace.broker.config.BrokerConfigKeys.MAX_CONNECTIONS;
import static io.millrace.broker.config.BrokerConfigKeys.MESSAGE_MAX_BYTES;
import static io.millrace.broker.config.BrokerConfigKeys.NETWORK_THREADS;
import static io.millrace.broker.config.BrokerConfigKeys.NUM_PARTITIONS;
import static io.millrace.broker.config.BrokerConfigKeys.OWNER_THREADS;
import static io.millrace.broker.config.BrokerConfigKeys.SOCKET_REQUEST_MAX_BYTES;
import static io.millrace.broker.config.BrokerConfigKeys.STORAGE_JOURNAL_BYTES;
import static io.millrace.broker.config.BrokerConfigKeys.STORAGE_READ_THREADS;
import static io.millrace.broker.config.BrokerConfigKeys.STORAGE_SEGMENT_BYTES;
import static io.millrace.broker.config.BrokerConfigKeys.STORAGE_TAIL_CACHE_BYTES;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.delivery.DeliverySettings;
import io.millrace.broker.net.NetworkSettings;
import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.partition.PartitionSettings;
import io.millrace.broker.partition.TopicSettings;
import io.millrace.broker.storage.local.LocalStoreOptions;
import java.time.Duration;

/** Turns the broker's configuration into the settings of its parts. */
final class Settings {
    private Settings() {}

    static LocalStoreOptions store(BrokerConfig config) {
        LocalStoreOptions defaults = LocalStoreOptions.defaults(config.get(DATA_DIR));
        int readThreads = config.get(STORAGE_READ_THREADS);
        return new LocalStoreOptions(
                config.get(DATA_DIR),
                config.get(STORAGE_JOURNAL_BYTES),
                config.get(STORAGE_SEGMENT_BYTES),
                defaults.indexIntervalBytes(),
                readThreads == 0 ? defaults.readThreads() : readThreads,
                defaults.maxUnsyncedBytes(),
                config.get(STORAGE_TAIL_CACHE_BYTES));
    }

    static int ownerThreads(BrokerConfig config) {
        int threads = config.get(OWNER_THREADS);
        return threads == 0 ? OwnerLoops.defaultThreads() : threads;
    }

    static PartitionSettings partitions(BrokerConfig config) {
        PartitionSettings defaults = PartitionSettings.DEFAULT;
        return new PartitionSettings(
                config.get(MESSAGE_MAX_BYTES),
                defaults.snapshotStateBytes(),
                defaults.snapshotDataBytes(),
                defaults.producerExpirationMs());
    }

    static TopicSettings topics(BrokerConfig config) {
        return new TopicSettings(
                config.get(AUTO_CREATE_TOPICS_ENABLE),
                config.get(NUM_PARTITIONS),
                TopicSettings.DEFAULT.maxPartitions());
    }

    static DeliverySettings delivery(BrokerConfig config) {
        DeliverySettings defaults = DeliverySettings.DEFAULT;
        return new DeliverySettings(
                config.get(JMS_HEARTBEAT_TIMEOUT_MS),
                config.get(JMS_MAX_INFLIGHT),
                config.get(JMS_MAX_CREDIT),
                defaults.maxPullBytes(),
                defaults.maxConsumers(),
                config.get(JMS_REMEMBERED_BUNDLES));
    }

    static NetworkSettings network(BrokerConfig config) {
        NetworkSettings defaults = NetworkSettings.of(config.get(LISTEN_HOST), config.get(LISTEN_PORT));
        int threads = config.get(NETWORK_THREADS);
        return new NetworkSettings(
                defaults.host(),
                defaults.port(),
                threads == 0 ? defaults.threads() : threads,
                config.get(MAX_CONNECTIONS),
                Duration.ofMillis(config.get(CONNECTIONS_MAX_IDLE_MS)),
                config.get(SOCKET_REQUEST_MAX_BYTES),
                defaults.maxInFlightRequests(),
                defaults.maxInFlightBytes());
    }
}
