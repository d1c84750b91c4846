// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/**
 * What a share group's member says of a range of offsets (KIP-932).
 *
 * @param first the first offset
 * @param last the last offset
 * @param type what becomes of the records
 */
public record ShareAck(long first, long last, Type type) {

    /** By their codes on the wire, which are their places. */
    public enum Type {
        /** There is no record. */
        GAP,
        ACCEPT,
        /** Others may get it. */
        RELEASE,
        /** Nobody shall get it again. */
        REJECT,
        /** The member keeps it for another lock duration (KIP-1222). */
        RENEW
    }
}
