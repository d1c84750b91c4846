// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.MillraceRequest;
import org.apache.kafka.common.protocol.ApiMessage;

/** What a frame from a client turned out to be. */
public sealed interface DecodedRequest {

    RequestHeader header();

    /** Releases the buffers of this request; does nothing where it has none. Call exactly once. */
    default void release() {}

    /** A request of the Kafka protocol, in an advertised version. */
    record KafkaRequest(RequestHeader header, ApiMessage body) implements DecodedRequest {
        @Override
        public void release() {
            MessageBuffers.release(body);
        }
    }

    /** A request of Millrace's own. */
    record PrivateRequest(RequestHeader header, MillraceRequest body) implements DecodedRequest {
        @Override
        public void release() {
            body.release();
        }
    }

    /**
     * A known API in a version that is not spoken here. ApiVersions is answered with {@link
     * ResponseEncoder#encodeUnsupportedApiVersions}; for any other the connection is closed, as Kafka does.
     */
    record UnsupportedVersion(RequestHeader header) implements DecodedRequest {}

    /** An API that is not known here; the connection is closed, as Kafka does. */
    record UnknownApi(RequestHeader header) implements DecodedRequest {}
}
