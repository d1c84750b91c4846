// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.time.BrokerClock;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
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
            OwnerLoop timers) {
        CurrentLeaders leaders = new CurrentLeaders(cluster);
        FetchSessions sessions =
                new FetchSessions(config.get(BrokerConfigKeys.MAX_INCREMENTAL_FETCH_SESSION_CACHE_SLOTS), clock);
        return apis.on(ApiKeys.METADATA, MetadataRequestData.class, new MetadataHandler(cluster, topics))
                .on(ApiKeys.PRODUCE, ProduceRequestData.class, new ProduceHandler(partitions))
                .on(ApiKeys.FETCH, FetchRequestData.class, new FetchHandler(partitions, leaders, timers, sessions))
                .on(ApiKeys.LIST_OFFSETS, ListOffsetsRequestData.class, new ListOffsetsHandler(partitions))
                .on(
                        ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                        OffsetForLeaderEpochRequestData.class,
                        new OffsetForLeaderEpochHandler(partitions))
                .on(
                        ApiKeys.INIT_PRODUCER_ID,
                        InitProducerIdRequestData.class,
                        new InitProducerIdHandler(new ProducerIds(cluster)))
                .on(ApiKeys.CREATE_TOPICS, CreateTopicsRequestData.class, new CreateTopicsHandler(topics))
                .on(ApiKeys.DELETE_TOPICS, DeleteTopicsRequestData.class, new DeleteTopicsHandler(cluster, topics))
                .on(ApiKeys.DESCRIBE_CONFIGS, DescribeConfigsRequestData.class, new DescribeConfigsHandler(topics))
                .on(ApiKeys.DESCRIBE_CLUSTER, DescribeClusterRequestData.class, new DescribeClusterHandler(cluster));
    }
}
