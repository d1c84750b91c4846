// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import java.util.Map;
import java.util.function.ObjIntConsumer;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/** Puts the throttle time into an answer that has the field; versions without it leave it out when they are written. */
final class ThrottleTimes {
    private static final Map<Class<?>, ObjIntConsumer<ApiMessage>> SETTERS = Map.ofEntries(
            setter(ProduceResponseData.class, ProduceResponseData::setThrottleTimeMs),
            setter(FetchResponseData.class, FetchResponseData::setThrottleTimeMs),
            setter(ShareFetchResponseData.class, ShareFetchResponseData::setThrottleTimeMs),
            setter(ShareAcknowledgeResponseData.class, ShareAcknowledgeResponseData::setThrottleTimeMs),
            setter(ShareGroupHeartbeatResponseData.class, ShareGroupHeartbeatResponseData::setThrottleTimeMs),
            setter(ListOffsetsResponseData.class, ListOffsetsResponseData::setThrottleTimeMs),
            setter(MetadataResponseData.class, MetadataResponseData::setThrottleTimeMs),
            setter(OffsetCommitResponseData.class, OffsetCommitResponseData::setThrottleTimeMs),
            setter(OffsetFetchResponseData.class, OffsetFetchResponseData::setThrottleTimeMs),
            setter(FindCoordinatorResponseData.class, FindCoordinatorResponseData::setThrottleTimeMs),
            setter(JoinGroupResponseData.class, JoinGroupResponseData::setThrottleTimeMs),
            setter(HeartbeatResponseData.class, HeartbeatResponseData::setThrottleTimeMs),
            setter(LeaveGroupResponseData.class, LeaveGroupResponseData::setThrottleTimeMs),
            setter(SyncGroupResponseData.class, SyncGroupResponseData::setThrottleTimeMs),
            setter(DescribeGroupsResponseData.class, DescribeGroupsResponseData::setThrottleTimeMs),
            setter(ListGroupsResponseData.class, ListGroupsResponseData::setThrottleTimeMs),
            setter(ApiVersionsResponseData.class, ApiVersionsResponseData::setThrottleTimeMs),
            setter(CreateTopicsResponseData.class, CreateTopicsResponseData::setThrottleTimeMs),
            setter(DeleteTopicsResponseData.class, DeleteTopicsResponseData::setThrottleTimeMs),
            setter(InitProducerIdResponseData.class, InitProducerIdResponseData::setThrottleTimeMs),
            setter(OffsetForLeaderEpochResponseData.class, OffsetForLeaderEpochResponseData::setThrottleTimeMs),
            setter(DescribeConfigsResponseData.class, DescribeConfigsResponseData::setThrottleTimeMs),
            setter(DescribeClusterResponseData.class, DescribeClusterResponseData::setThrottleTimeMs));

    private ThrottleTimes() {}

    static void set(ApiMessage response, long milliseconds) {
        ObjIntConsumer<ApiMessage> setter = SETTERS.get(response.getClass());
        if (setter != null) {
            setter.accept(response, (int) Math.min(milliseconds, Integer.MAX_VALUE));
        }
    }

    private static <R extends ApiMessage> Map.Entry<Class<?>, ObjIntConsumer<ApiMessage>> setter(
            Class<R> type, ObjIntConsumer<R> setter) {
        return Map.entry(type, (response, milliseconds) -> setter.accept(type.cast(response), milliseconds));
    }
}
