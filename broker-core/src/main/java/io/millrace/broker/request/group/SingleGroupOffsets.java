// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import java.util.List;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.jspecify.annotations.Nullable;

/** The form of OffsetFetch for one group, versions 0 to 7, in terms of the one for several. */
final class SingleGroupOffsets {
    /** Before it an error is told for each partition. */
    private static final short FIRST_VERSION_WITH_ERROR = 2;

    private SingleGroupOffsets() {}

    static OffsetFetchRequestGroup toGroup(OffsetFetchRequestData request) {
        OffsetFetchRequestGroup group = new OffsetFetchRequestGroup().setGroupId(request.groupId());
        @Nullable List<OffsetFetchRequestTopic> topics = request.topics();
        if (topics == null) {
            return group.setTopics(null);
        }
        return group.setTopics(topics.stream()
                .map(topic -> new OffsetFetchRequestTopics()
                        .setName(topic.name())
                        .setPartitionIndexes(topic.partitionIndexes()))
                .toList());
    }

    static OffsetFetchResponseData toResponse(
            OffsetFetchResponseGroup group, OffsetFetchRequestData request, short version) {
        if (group.errorCode() != 0 && version < FIRST_VERSION_WITH_ERROR) {
            return refused(request, group.errorCode());
        }
        return new OffsetFetchResponseData()
                .setErrorCode(group.errorCode())
                .setTopics(group.topics().stream()
                        .map(topic -> new OffsetFetchResponseTopic()
                                .setName(topic.name())
                                .setPartitions(topic.partitions().stream()
                                        .map(partition -> new OffsetFetchResponsePartition()
                                                .setPartitionIndex(partition.partitionIndex())
                                                .setCommittedOffset(partition.committedOffset())
                                                .setCommittedLeaderEpoch(partition.committedLeaderEpoch())
                                                .setMetadata(partition.metadata())
                                                .setErrorCode(partition.errorCode()))
                                        .toList()))
                        .toList());
    }

    private static OffsetFetchResponseData refused(OffsetFetchRequestData request, short code) {
        return new OffsetFetchResponseData()
                .setTopics(request.topics().stream()
                        .map(topic -> new OffsetFetchResponseTopic()
                                .setName(topic.name())
                                .setPartitions(topic.partitionIndexes().stream()
                                        .map(index -> new OffsetFetchResponsePartition()
                                                .setPartitionIndex(index)
                                                .setCommittedOffset(-1)
                                                .setMetadata("")
                                                .setErrorCode(code))
                                        .toList()))
                        .toList());
    }
}
