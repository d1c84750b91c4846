// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The first Millrace request of a connection: makes it a JMS link, whose answers come out of order.
 *
 * @param clientIncarnation fresh for each JMS connection; a new one releases what an old link of it held
 * @param clientId the JMS client id, or {@code null}
 * @param heartbeatTimeoutMs the link is closed, and what it held released, after this silence, milliseconds
 */
public record Connect(UUID clientIncarnation, @Nullable String clientId, int heartbeatTimeoutMs)
        implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.CONNECT;
    }

    /**
     * @param brokerId who answers
     * @param brokerIncarnation fresh at each start of that broker
     * @param heartbeatTimeoutMs the granted time-out, milliseconds
     * @param maxFrameBytes the largest frame the broker accepts
     * @param features what this broker can do
     */
    public record Response(
            Status status,
            int brokerId,
            UUID brokerIncarnation,
            int heartbeatTimeoutMs,
            int maxFrameBytes,
            Set<Feature> features)
            implements MillraceResponse {}
}
