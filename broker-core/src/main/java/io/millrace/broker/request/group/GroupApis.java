// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.transaction.TransactionCoordinator;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Registers the handlers of the group APIs. */
public final class GroupApis {
    private GroupApis() {}

    public static KafkaApis.Builder register(
            KafkaApis.Builder apis,
            GroupCoordinator groups,
            TransactionCoordinator transactions,
            Cluster cluster,
            SharePartitions shares) {
        return apis.on(
                        ApiKeys.FIND_COORDINATOR,
                        FindCoordinatorRequestData.class,
                        new FindCoordinatorHandler(groups, transactions))
                .on(ApiKeys.JOIN_GROUP, JoinGroupRequestData.class, new JoinGroupHandler(groups))
                .on(ApiKeys.SYNC_GROUP, SyncGroupRequestData.class, new SyncGroupHandler(groups))
                .on(ApiKeys.HEARTBEAT, HeartbeatRequestData.class, new HeartbeatHandler(groups))
                .on(ApiKeys.LEAVE_GROUP, LeaveGroupRequestData.class, new LeaveGroupHandler(groups))
                .on(ApiKeys.OFFSET_COMMIT, OffsetCommitRequestData.class, new OffsetCommitHandler(groups, cluster))
                .on(
                        ApiKeys.TXN_OFFSET_COMMIT,
                        TxnOffsetCommitRequestData.class,
                        new TxnOffsetCommitHandler(groups, transactions, cluster))
                .on(ApiKeys.OFFSET_FETCH, OffsetFetchRequestData.class, new OffsetFetchHandler(groups, cluster))
                .on(ApiKeys.DESCRIBE_GROUPS, DescribeGroupsRequestData.class, new DescribeGroupsHandler(groups))
                .on(ApiKeys.LIST_GROUPS, ListGroupsRequestData.class, new ListGroupsHandler(groups))
                .on(ApiKeys.DELETE_GROUPS, DeleteGroupsRequestData.class, new DeleteGroupsHandler(groups, shares))
                .on(ApiKeys.OFFSET_DELETE, OffsetDeleteRequestData.class, new OffsetDeleteHandler(groups, cluster))
                .on(
                        ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                        ConsumerGroupHeartbeatRequestData.class,
                        new ConsumerGroupHeartbeatHandler(groups))
                .on(
                        ApiKeys.CONSUMER_GROUP_DESCRIBE,
                        ConsumerGroupDescribeRequestData.class,
                        new ConsumerGroupDescribeHandler(groups, cluster))
                .on(
                        ApiKeys.SHARE_GROUP_HEARTBEAT,
                        ShareGroupHeartbeatRequestData.class,
                        new ShareGroupHeartbeatHandler(groups))
                .on(
                        ApiKeys.SHARE_GROUP_DESCRIBE,
                        ShareGroupDescribeRequestData.class,
                        new ShareGroupDescribeHandler(groups, cluster));
    }
}
