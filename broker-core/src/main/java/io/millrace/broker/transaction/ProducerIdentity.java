// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

/**
 * Who a producer is.
 *
 * @param id its producer id; -1 for none
 * @param epoch the epoch of that id; -1 for none
 */
public record ProducerIdentity(long id, short epoch) {
    public static final ProducerIdentity NONE = new ProducerIdentity(-1, (short) -1);

    /** The last epoch that a producer gets; the one above is for fencing it. */
    static final short LAST_EPOCH = Short.MAX_VALUE - 1;

    boolean isNone() {
        return id == -1;
    }
}
