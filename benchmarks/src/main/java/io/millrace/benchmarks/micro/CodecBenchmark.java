// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.micro;

import io.millrace.protocol.kafka.DecodedRequest;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.kafka.RequestDecoder;
import io.millrace.protocol.kafka.RequestEncoder;
import io.millrace.protocol.kafka.RequestHeader;
import io.millrace.protocol.kafka.ResponseEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The codec on the hot path: one batch of 16 KiB in a Produce request, 1 MiB in a Fetch answer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
    private static final short VERSION = 13;
    private static final int SIZE_FIELD = 4;

    private final Uuid topic = Uuid.randomUuid();
    private final ByteBuf produce = produceFrame();
    private final ByteBuf batches =
            PooledByteBufAllocator.DEFAULT.directBuffer(1 << 20).writeZero(1 << 20);
    private final RequestHeader fetchHeader = new RequestHeader(ApiKeys.FETCH.id, VERSION, 1, "jmh");

    private ByteBuf produceFrame() {
        TopicProduceData data = new TopicProduceData().setTopicId(topic);
        data.setPartitionData(List.of(ProduceRecords.set(new PartitionProduceData().setIndex(0), TestBatch.of(0))));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000);
        request.topicData().add(data);
        return RequestEncoder.encode(
                PooledByteBufAllocator.DEFAULT, new RequestHeader(ApiKeys.PRODUCE.id, VERSION, 1, "jmh"), request);
    }

    /** Bytes of a request to the message a handler gets; the records are not copied. */
    @Benchmark
    public DecodedRequest decodeProduce() {
        ByteBuf frame = produce.slice(SIZE_FIELD, produce.readableBytes() - SIZE_FIELD);
        DecodedRequest request = RequestDecoder.decode(frame);
        request.release();
        return request;
    }

    /** The message of a handler to the bytes of an answer. */
    @Benchmark
    public int encodeFetch() {
        FetchableTopicResponse answered = new FetchableTopicResponse().setTopicId(topic);
        answered.partitions()
                .add(FetchRecords.set(
                        new FetchResponseData.PartitionData()
                                .setPartitionIndex(0)
                                .setHighWatermark(1_000),
                        batches.retainedDuplicate()));
        FetchResponseData response = new FetchResponseData();
        response.responses().add(answered);
        ByteBuf frame = ResponseEncoder.encode(PooledByteBufAllocator.DEFAULT, fetchHeader, response);
        try {
            return frame.readableBytes();
        } finally {
            frame.release();
        }
    }

    @TearDown
    public void release() {
        produce.release();
        batches.release();
    }
}
