// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.request.CurrentLeaders;
import io.millrace.broker.request.KafkaApis;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Registers the handlers of the share groups' data and offset APIs (KIP-932). */
public final class ShareApis {
    private ShareApis() {}

    /** @param timers runs time-outs of parked requests */
    public static KafkaApis.Builder register(
            KafkaApis.Builder apis,
            BrokerConfig config,
            Cluster cluster,
            GroupCoordinator groups,
            SharePartitions shares,
            OwnerLoop timers) {
        ShareSessions sessions = new ShareSessions(config.get(BrokerConfigKeys.GROUP_SHARE_MAX_SHARE_SESSIONS));
        ShareConnections connections = new ShareConnections(sessions, shares);
        CurrentLeaders leaders = new CurrentLeaders(cluster);
        return apis.on(
                        ApiKeys.SHARE_FETCH,
                        ShareFetchRequestData.class,
                        new ShareFetchHandler(shares, connections, leaders, timers))
                .on(
                        ApiKeys.SHARE_ACKNOWLEDGE,
                        ShareAcknowledgeRequestData.class,
                        new ShareAcknowledgeHandler(shares, connections, leaders))
                .on(
                        ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS,
                        DescribeShareGroupOffsetsRequestData.class,
                        new DescribeShareGroupOffsetsHandler(groups, shares, cluster))
                .on(
                        ApiKeys.ALTER_SHARE_GROUP_OFFSETS,
                        AlterShareGroupOffsetsRequestData.class,
                        new AlterShareGroupOffsetsHandler(groups, shares, cluster))
                .on(
                        ApiKeys.DELETE_SHARE_GROUP_OFFSETS,
                        DeleteShareGroupOffsetsRequestData.class,
                        new DeleteShareGroupOffsetsHandler(groups, shares, cluster));
    }
}
