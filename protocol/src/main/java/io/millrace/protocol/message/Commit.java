// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.UUID;

/**
 * A bundle: the sends and acknowledgements of one local transaction, applied together or not at all. Sending a bundle
 * id again answers with the recorded outcome. With participants it is the decision of a bundle that was begun by
 * {@link BeginBundle} and that they have prepared.
 *
 * @param sessionId the session whose records are acknowledged
 * @param bundleId chosen by the client, unique for each commit
 * @param sends record batches, in sending order for each partition
 * @param acks accepts of received records; a stale lease refuses the whole bundle
 * @param destination of a decision: the coordinating partition's topic, as it was begun; else empty
 * @param partition and its index; else 0
 * @param participants who has prepared the other parts; none when all of the bundle is here
 * @param pieces sends that have come before, which follow those of the request
 */
public record Commit(
        long sessionId,
        UUID bundleId,
        List<Send> sends,
        List<Acknowledgement> acks,
        String destination,
        int partition,
        List<Participant> participants,
        Spill.Pieces pieces)
        implements MillraceRequest {
    /** The most participants of a bundle. */
    public static final int MAX_PARTICIPANTS = 1_024;

    /** A bundle that is here as a whole. */
    public Commit(long sessionId, UUID bundleId, List<Send> sends, List<Acknowledgement> acks) {
        this(sessionId, bundleId, sends, acks, Spill.Pieces.NONE);
    }

    /** A bundle that is here as a whole, some of its sends in pieces that came before. */
    public Commit(long sessionId, UUID bundleId, List<Send> sends, List<Acknowledgement> acks, Spill.Pieces pieces) {
        this(sessionId, bundleId, sends, acks, "", 0, List.of(), pieces);
    }

    /** A decision whose sends are all in the request. */
    public Commit(
            long sessionId,
            UUID bundleId,
            List<Send> sends,
            List<Acknowledgement> acks,
            String destination,
            int partition,
            List<Participant> participants) {
        this(sessionId, bundleId, sends, acks, destination, partition, participants, Spill.Pieces.NONE);
    }

    /**
     * Who has prepared a part of the bundle.
     *
     * @param number its number in the bundle, see {@link BranchId#ofBundle}
     * @param brokerId the broker
     */
    public record Participant(int number, int brokerId) {}

    /** Whether others have a part of it. */
    public boolean isDecision() {
        return !participants.isEmpty();
    }

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
