// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.time.BrokerClock;
import io.millrace.broker.transaction.TransactionCoordinator;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Registers the handlers of Kafka's data and topic APIs. */
public final class DataApis {
    private DataApis() {}

    /** @param timers runs time-outs of parked requests */
    public static KafkaApis.Builder register(
            KafkaApis.Builder apis,
            BrokerConfig config,
            BrokerClock clock,
            Cluster cluster,
            Partitions partitions,
            Topics topics,
            OwnerLoop timers,
            TransactionCoordinator transactions) {
        ConfigEntries entries = new ConfigEntries(config);
        ConfigResources resources =
                new ConfigResources(topics, new GroupConfigs(cluster, config), config.get(BrokerConfigKeys.BROKER_ID));
        CurrentLeaders leaders = new CurrentLeaders(cluster);
        FetchSessions sessions =
                new FetchSessions(config.get(BrokerConfigKeys.MAX_INCREMENTAL_FETCH_SESSION_CACHE_SLOTS), clock);
        return apis.on(ApiKeys.METADATA, MetadataRequestData.class, new MetadataHandler(cluster, topics))
                .on(ApiKeys.PRODUCE, ProduceRequestData.class, new ProduceHandler(partitions, leaders, transactions))
                .on(ApiKeys.FETCH, FetchRequestData.class, new FetchHandler(partitions, leaders, timers, sessions))
                .on(ApiKeys.LIST_OFFSETS, ListOffsetsRequestData.class, new ListOffsetsHandler(partitions))
                .on(
                        ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                        OffsetForLeaderEpochRequestData.class,
                        new OffsetForLeaderEpochHandler(partitions))
                .on(ApiKeys.INIT_PRODUCER_ID, InitProducerIdRequestData.class, new InitProducerIdHandler(transactions))
                .on(ApiKeys.CREATE_TOPICS, CreateTopicsRequestData.class, new CreateTopicsHandler(cluster, topics))
                .on(ApiKeys.DELETE_TOPICS, DeleteTopicsRequestData.class, new DeleteTopicsHandler(cluster, topics))
                .on(
                        ApiKeys.DESCRIBE_CONFIGS,
                        DescribeConfigsRequestData.class,
                        new DescribeConfigsHandler(resources, topics, entries))
                .on(ApiKeys.DESCRIBE_CLUSTER, DescribeClusterRequestData.class, new DescribeClusterHandler(cluster))
                .on(
                        ApiKeys.CREATE_PARTITIONS,
                        CreatePartitionsRequestData.class,
                        new CreatePartitionsHandler(cluster, topics))
                .on(ApiKeys.ALTER_CONFIGS, AlterConfigsRequestData.class, new AlterConfigsHandler(resources))
                .on(
                        ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                        IncrementalAlterConfigsRequestData.class,
                        new IncrementalAlterConfigsHandler(resources, topics))
                .on(
                        ApiKeys.DELETE_RECORDS,
                        DeleteRecordsRequestData.class,
                        new DeleteRecordsHandler(partitions, topics))
                .on(
                        ApiKeys.DESCRIBE_LOG_DIRS,
                        DescribeLogDirsRequestData.class,
                        new DescribeLogDirsHandler(partitions, config.get(BrokerConfigKeys.DATA_DIR)))
                .on(
                        ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                        DescribeTopicPartitionsRequestData.class,
                        new DescribeTopicPartitionsHandler(cluster))
                .on(ApiKeys.ELECT_LEADERS, ElectLeadersRequestData.class, new ElectLeadersHandler(cluster))
                .on(
                        ApiKeys.LIST_PARTITION_REASSIGNMENTS,
                        ListPartitionReassignmentsRequestData.class,
                        new ListPartitionReassignmentsHandler())
                .on(
                        ApiKeys.LIST_CONFIG_RESOURCES,
                        ListConfigResourcesRequestData.class,
                        new ListConfigResourcesHandler(cluster));
    }
}
