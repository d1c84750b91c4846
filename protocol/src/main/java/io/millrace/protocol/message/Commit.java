// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.UUID;

/**
 * A bundle: the sends and acknowledgements of one local transaction, applied together or not at all. Sending a bundle
 * id again answers with the recorded outcome.
 *
 * @param sessionId the session whose records are acknowledged
 * @param bundleId chosen by the client, unique for each commit
 * @param sends record batches, in sending order for each partition
 * @param acks accepts of received records; a stale lease refuses the whole bundle
 */
public record Commit(long sessionId, UUID bundleId, List<Send> sends, List<Acknowledgement> acks)
        implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.COMMIT;
    }

    @Override
    public void release() {
        sends.forEach(send -> send.batch().release());
    }

    /**
     * @param destination the topic's name
     * @param partition the partition index
     * @param batch one v2 record batch without producer id
     */
    public record Send(String destination, int partition, ByteBuf batch) {}

    /** @param baseOffsets the offset of each send's first record, in the request's order; empty unless OK */
    public record Response(Status status, List<Long> baseOffsets) implements MillraceResponse {}
}
