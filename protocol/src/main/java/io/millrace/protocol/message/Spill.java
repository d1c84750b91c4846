// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;
import java.util.UUID;

/**
 * Brings a piece of a bundle whose sends do not fit into one request, or should not lie in the broker's memory: it is
 * written to the disk apart from its partitions (docs/decisions/0025). A {@link Commit} or {@link Prepare} that names all
 * pieces makes them part of its bundle; until then they end with the link. Pieces come one after the other: each is sent
 * when the one before it was answered. Answered by a {@link PlainResponse} once it is durable; a piece that is refused ends
 * all of them.
 *
 * @param spillId chosen by the client, unique
 * @param piece its number, from 0; {@link #GIVEN_UP} when the client wants none of them any more
 * @param sends as those of a {@link Commit}, but none to temporary destinations
 */
public record Spill(UUID spillId, int piece, List<Commit.Send> sends) implements MillraceRequest {
    /** In place of a piece's number. */
    public static final int GIVEN_UP = -1;

    /** The pieces need not be kept. */
    public static Spill giveUp(UUID spillId) {
        return new Spill(spillId, GIVEN_UP, List.of());
    }

    /** Whether no more pieces come and those that came are not wanted. */
    public boolean isGivenUp() {
        return piece == GIVEN_UP;
    }

    @Override
    public MillraceApi api() {
        return MillraceApi.SPILL;
    }

    @Override
    public void release() {
        sends.forEach(send -> send.batch().release());
    }

    /**
     * The pieces that belong to a bundle.
     *
     * @param spillId under which they came
     * @param count how many they are; 0 when there are none
     */
    public record Pieces(UUID spillId, int count) {
        /** All sends are in the request itself. */
        public static final Pieces NONE = new Pieces(new UUID(0, 0), 0);

        public boolean isNone() {
            return count == 0;
        }
    }
}
