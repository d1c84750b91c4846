// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The Kafka requests with which Millrace's own client authenticates, without Kafka's types (KIP-43, KIP-152, KIP-368).
 * Has no state; safe for any thread. Who decodes keeps its reference of the frame.
 */
public final class SaslCodec {
    private static final short API_VERSIONS_VERSION = 0;
    private static final short HANDSHAKE_VERSION = 1;
    private static final short AUTHENTICATE_VERSION = 2;

    private SaslCodec() {}

    /**
     * What SaslHandshake answered.
     *
     * @param accepted whether the mechanism is taken
     * @param status why not, when it is not for the mechanism; else OK
     * @param mechanisms those offered
     */
    public record Handshake(boolean accepted, Status status, List<String> mechanisms) {}

    /** What SaslAuthenticate answered. */
    public static final class Answer {
        private final Status status;
        private final byte[] token;
        private final long lifetimeMs;

        private Answer(Status status, byte[] token, long lifetimeMs) {
            this.status = status;
            this.token = token;
            this.lifetimeMs = lifetimeMs;
        }

        /** OK unless the client was refused. */
        public Status status() {
            return status;
        }

        /** The server's token; the caller's. */
        public byte[] token() {
            return token;
        }

        /** After this time the client must authenticate again, milliseconds; 0 never. */
        public long lifetimeMs() {
            return lifetimeMs;
        }
    }

    /** A whole ApiVersions frame. */
    public static ByteBuf apiVersions(ByteBufAllocator allocator, int correlationId, @Nullable String clientId) {
        RequestHeader header =
                new RequestHeader(ApiKeys.API_VERSIONS.id, API_VERSIONS_VERSION, correlationId, clientId);
        return RequestEncoder.encode(allocator, header, new ApiVersionsRequestData());
    }

    /** Whether the answer to {@link #apiVersions} says that the broker asks who its clients are. */
    public static boolean offersSasl(ByteBuf frame) {
        ApiVersionsResponseData answer =
                (ApiVersionsResponseData) ResponseDecoder.decode(frame, ApiKeys.API_VERSIONS.id, API_VERSIONS_VERSION);
        return answer.apiKeys().find(ApiKeys.SASL_HANDSHAKE.id) != null;
    }

    /** A whole SaslHandshake frame. */
    public static ByteBuf handshake(
            ByteBufAllocator allocator, int correlationId, @Nullable String clientId, String mechanism) {
        RequestHeader header = new RequestHeader(ApiKeys.SASL_HANDSHAKE.id, HANDSHAKE_VERSION, correlationId, clientId);
        return RequestEncoder.encode(allocator, header, new SaslHandshakeRequestData().setMechanism(mechanism));
    }

    /** Reads the answer to {@link #handshake}. */
    public static Handshake decodeHandshake(ByteBuf frame) {
        SaslHandshakeResponseData answer =
                (SaslHandshakeResponseData) ResponseDecoder.decode(frame, ApiKeys.SASL_HANDSHAKE.id, HANDSHAKE_VERSION);
        boolean other = answer.errorCode() == Errors.UNSUPPORTED_SASL_MECHANISM.code();
        Status status = other ? Status.OK : status(answer.errorCode(), null);
        return new Handshake(!other && status.isOk(), status, List.copyOf(answer.mechanisms()));
    }

    /** A whole SaslAuthenticate frame. */
    public static ByteBuf authenticate(
            ByteBufAllocator allocator, int correlationId, @Nullable String clientId, byte[] token) {
        RequestHeader header =
                new RequestHeader(ApiKeys.SASL_AUTHENTICATE.id, AUTHENTICATE_VERSION, correlationId, clientId);
        return RequestEncoder.encode(allocator, header, new SaslAuthenticateRequestData().setAuthBytes(token));
    }

    /** Reads the answer to {@link #authenticate}. */
    public static Answer decodeAuthenticate(ByteBuf frame) {
        SaslAuthenticateResponseData answer = (SaslAuthenticateResponseData)
                ResponseDecoder.decode(frame, ApiKeys.SASL_AUTHENTICATE.id, AUTHENTICATE_VERSION);
        return new Answer(
                status(answer.errorCode(), answer.errorMessage()), answer.authBytes(), answer.sessionLifetimeMs());
    }

    private static Status status(short kafkaCode, @Nullable String message) {
        Errors error = Errors.forCode(kafkaCode);
        return error == Errors.NONE
                ? Status.OK
                : Status.of(ErrorCode.NOT_AUTHENTICATED, message == null ? error.message() : message);
    }
}
