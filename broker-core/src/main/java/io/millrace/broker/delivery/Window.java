// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The candidates of a lane, in the order of delivery. Owned by the partition's loop. */
final class Window {
    private final TreeSet<Piece> pieces = new TreeSet<>(Piece.DELIVERY_ORDER);
    private final LookAheadBudget budget;
    private long count;
    private long bytes;

    /** @param budget what it takes its bytes from */
    Window(LookAheadBudget budget) {
        this.budget = budget;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Records in it; some may have become unavailable through another lane. */
    long count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /** Takes the piece over. */
    void add(Piece piece) {
        pieces.add(piece);
        count += piece.count();
        bytes += piece.bytes();
        budget.take(piece.bytes());
    }

    @Nullable
    Piece first() {
        return pieces.isEmpty() ? null : pieces.first();
    }

    @Nullable
    Piece last() {
        return pieces.isEmpty() ? null : pieces.last();
    }

    /** The piece after {@code piece}, which need not be in the window any more. */
    @Nullable
    Piece after(Piece piece) {
        return pieces.higher(piece);
    }

    /** The piece before {@code piece}. */
    @Nullable
    Piece before(Piece piece) {
        return pieces.lower(piece);
    }

    /** Takes a piece out; the caller has it again. */
    void remove(Piece piece) {
        pieces.remove(piece);
        count -= piece.count();
        bytes -= piece.bytes();
        budget.giveBack(piece.bytes());
    }

    /** Takes the first records of a piece away and gives it back once it is empty. */
    void dropFirst(Piece piece, int records) {
        remove(piece);
        piece.dropFirst(records);
        if (piece.count() == 0) {
            piece.release();
        } else {
            add(piece);
        }
    }

    /** Gives everything back. */
    void clear() {
        pieces.forEach(Piece::release);
        pieces.clear();
        budget.giveBack(bytes);
        count = 0;
        bytes = 0;
    }
}
