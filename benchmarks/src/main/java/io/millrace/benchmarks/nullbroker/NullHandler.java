// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.nullbroker;

import io.millrace.protocol.kafka.DecodedRequest;
import io.millrace.protocol.kafka.DecodedRequest.KafkaRequest;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.kafka.RequestDecoder;
import io.millrace.protocol.kafka.ResponseEncoder;
import io.millrace.protocol.kafka.SupportedVersions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** One client's connection, owned by its network loop. */
final class NullHandler extends SimpleChannelInboundHandler<ByteBuf> {
    private static final SupportedVersions SPOKEN = SupportedVersions.all()
            .restrictedTo(List.of(
                    ApiKeys.PRODUCE.id,
                    ApiKeys.FETCH.id,
                    ApiKeys.LIST_OFFSETS.id,
                    ApiKeys.METADATA.id,
                    ApiKeys.API_VERSIONS.id,
                    ApiKeys.INIT_PRODUCER_ID.id));
    private static final int LAST_OFFSET_DELTA = 23;

    private final int port;
    private final NullLog log;
    private final Map<String, Long> ends = new HashMap<>();
    private boolean flushLater;

    NullHandler(int port, NullLog log) {
        this.port = port;
        this.log = log;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
        DecodedRequest request = RequestDecoder.decode(frame);
        try {
            ByteBuf answer;
            if (request instanceof KafkaRequest kafka) {
                answer = ResponseEncoder.encode(
                        context.alloc(),
                        request.header(),
                        answer(context, request.header().apiVersion(), kafka.body()));
            } else if (request.header().apiKey() == ApiKeys.API_VERSIONS.id) {
                answer = ResponseEncoder.encodeUnsupportedApiVersions(context.alloc(), request.header(), SPOKEN);
            } else {
                throw new IllegalArgumentException("API " + request.header().apiKey() + " is not spoken");
            }
            flushLater = true;
            var unused = context.write(answer, context.voidPromise());
        } finally {
            request.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (flushLater) {
            flushLater = false;
            context.flush();
        }
    }

    private ApiMessage answer(ChannelHandlerContext context, short version, ApiMessage request) {
        if (request instanceof ProduceRequestData produce) {
            return produce(version, produce);
        } else if (request instanceof FetchRequestData fetch) {
            return fetch(context, version, fetch);
        } else if (request instanceof MetadataRequestData metadata) {
            return metadata(metadata);
        } else if (request instanceof ListOffsetsRequestData offsets) {
            return listOffsets(offsets);
        } else if (request instanceof InitProducerIdRequestData) {
            return new InitProducerIdResponseData().setProducerId(1).setProducerEpoch((short) 0);
        } else if (request instanceof ApiVersionsRequestData) {
            return SPOKEN.toResponse();
        }
        throw new IllegalArgumentException("not spoken: " + request.getClass().getSimpleName());
    }

    private ApiMessage produce(short version, ProduceRequestData request) {
        ProduceResponseData response = new ProduceResponseData();
        for (var topic : request.topicData()) {
            TopicProduceResponse answered = new TopicProduceResponse();
            if (version >= 13) {
                answered.setTopicId(topic.topicId());
            } else {
                answered.setName(topic.name());
            }
            for (var partition : topic.partitionData()) {
                ByteBuf records = ProduceRecords.buffer(partition);
                int count = records == null ? 0 : records.getInt(records.readerIndex() + LAST_OFFSET_DELTA) + 1;
                String key = topic.topicId() + topic.name() + partition.index();
                long base = ends.merge(key, (long) count, Long::sum) - count;
                answered.partitionResponses()
                        .add(new PartitionProduceResponse()
                                .setIndex(partition.index())
                                .setBaseOffset(base)
                                .setLogStartOffset(0));
            }
            response.responses().add(answered);
        }
        return response;
    }

    private ApiMessage fetch(ChannelHandlerContext context, short version, FetchRequestData request) {
        FetchResponseData response = new FetchResponseData();
        for (var topic : request.topics()) {
            FetchableTopicResponse answered = new FetchableTopicResponse();
            String name;
            if (version >= 13) {
                answered.setTopicId(topic.topicId());
                name = log.name(topic.topicId());
            } else {
                answered.setTopic(topic.topic());
                name = topic.topic();
            }
            for (var partition : topic.partitions()) {
                ByteBuf records = NullLog.read(
                        context.alloc(), log.batch(name), partition.fetchOffset(), partition.partitionMaxBytes());
                answered.partitions()
                        .add(FetchRecords.set(
                                new FetchResponseData.PartitionData()
                                        .setPartitionIndex(partition.partition())
                                        .setHighWatermark(Long.MAX_VALUE)
                                        .setLastStableOffset(Long.MAX_VALUE)
                                        .setLogStartOffset(0),
                                records));
            }
            response.responses().add(answered);
        }
        return response;
    }

    private ApiMessage metadata(MetadataRequestData request) {
        MetadataResponseData response =
                new MetadataResponseData().setClusterId("null").setControllerId(0);
        response.brokers()
                .add(new MetadataResponseBroker()
                        .setNodeId(0)
                        .setHost("127.0.0.1")
                        .setPort(port));
        if (request.topics() != null) {
            request.topics().forEach(topic -> {
                String name = topic.name() == null ? log.name(topic.topicId()) : topic.name();
                response.topics().add(topic(name));
            });
        }
        return response;
    }

    private MetadataResponseTopic topic(String name) {
        MetadataResponseTopic topic = new MetadataResponseTopic().setName(name).setTopicId(log.id(name));
        for (int i = 0; i < NullLog.PARTITIONS; i++) {
            topic.partitions()
                    .add(new MetadataResponsePartition()
                            .setPartitionIndex(i)
                            .setLeaderId(0)
                            .setLeaderEpoch(0)
                            .setReplicaNodes(List.of(0))
                            .setIsrNodes(List.of(0)));
        }
        return topic;
    }

    private static ApiMessage listOffsets(ListOffsetsRequestData request) {
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        request.topics().forEach(topic -> {
            ListOffsetsTopicResponse answered = new ListOffsetsTopicResponse().setName(topic.name());
            topic.partitions()
                    .forEach(partition -> answered.partitions()
                            .add(new ListOffsetsPartitionResponse()
                                    .setPartitionIndex(partition.partitionIndex())
                                    .setOffset(0)
                                    .setTimestamp(-1)));
            response.topics().add(answered);
        });
        return response;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof java.io.IOException)) {
            System.err.println("null broker: " + cause);
        }
        var unused = context.close();
    }
}
