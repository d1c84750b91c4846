// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * The requests that any Kafka client begins with, as whole frames and without Kafka's types: for a program that tries
 * whether a broker serves. With {@link ProducerCodec} for the producing half. Has no state; safe for any thread.
 */
public final class ClientFrames {
    private static final short API_VERSIONS_VERSION = 4;
    private static final short METADATA_VERSION = 12;
    /** The last one in which topics go by name. */
    private static final short FETCH_VERSION = 12;

    private ClientFrames() {}

    /** Asks what the broker speaks. */
    public static ByteBuf apiVersions(ByteBufAllocator allocator, int correlationId, String clientId) {
        ApiVersionsRequestData request =
                new ApiVersionsRequestData().setClientSoftwareName("millrace").setClientSoftwareVersion("0");
        return frame(allocator, ApiKeys.API_VERSIONS, API_VERSIONS_VERSION, correlationId, clientId, request);
    }

    /** Asks where a topic is; one that does not exist is made, where the broker makes topics by itself. */
    public static ByteBuf metadata(ByteBufAllocator allocator, int correlationId, String clientId, String topic) {
        MetadataRequestData request = new MetadataRequestData()
                .setAllowAutoTopicCreation(true)
                .setTopics(List.of(new MetadataRequestTopic().setName(topic)));
        return frame(allocator, ApiKeys.METADATA, METADATA_VERSION, correlationId, clientId, request);
    }

    /** Asks for what a partition has from an offset on, up to 64 KiB, without waiting and without a fetch session. */
    public static ByteBuf fetch(
            ByteBufAllocator allocator, int correlationId, String clientId, String topic, int partition, long offset) {
        FetchPartition wanted = new FetchPartition()
                .setPartition(partition)
                .setFetchOffset(offset)
                .setPartitionMaxBytes(1 << 16);
        FetchRequestData request = new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setMaxBytes(1 << 16)
                .setTopics(List.of(new FetchTopic().setTopic(topic).setPartitions(List.of(wanted))));
        return frame(allocator, ApiKeys.FETCH, FETCH_VERSION, correlationId, clientId, request);
    }

    private static ByteBuf frame(
            ByteBufAllocator allocator,
            ApiKeys key,
            short version,
            int correlationId,
            String clientId,
            ApiMessage request) {
        return RequestEncoder.encode(allocator, new RequestHeader(key.id, version, correlationId, clientId), request);
    }
}
