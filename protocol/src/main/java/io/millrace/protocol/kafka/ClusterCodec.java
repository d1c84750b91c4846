// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The Kafka request with which Millrace's own clients find all brokers, without Kafka's types (KIP-700). Has no state; safe
 * for any thread. Who decodes keeps its reference of the frame.
 */
public final class ClusterCodec {
    private static final short VERSION = 0;

    private ClusterCodec() {}

    /** A broker and where clients reach it. */
    public record Broker(int id, String host, int port) {}

    /** A whole DescribeCluster frame. */
    public static ByteBuf describe(ByteBufAllocator allocator, int correlationId, @Nullable String clientId) {
        RequestHeader header = new RequestHeader(ApiKeys.DESCRIBE_CLUSTER.id, VERSION, correlationId, clientId);
        return RequestEncoder.encode(allocator, header, new DescribeClusterRequestData());
    }

    /**
     * The brokers that are registered, by id.
     *
     * @throws IllegalArgumentException when the broker refused, with why
     */
    public static List<Broker> decode(ByteBuf frame) {
        DescribeClusterResponseData answer =
                (DescribeClusterResponseData) ResponseDecoder.decode(frame, ApiKeys.DESCRIBE_CLUSTER.id, VERSION);
        if (answer.errorCode() != Errors.NONE.code()) {
            String message = answer.errorMessage();
            throw new IllegalArgumentException("The broker does not tell which brokers there are: "
                    + (message == null ? Errors.forCode(answer.errorCode()).message() : message));
        }
        return answer.brokers().stream()
                .map(broker -> new Broker(broker.brokerId(), broker.host(), broker.port()))
                .sorted(Comparator.comparingInt(Broker::id))
                .toList();
    }
}
