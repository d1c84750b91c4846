// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/** What becomes of acquired records. */
public enum AckType {
    /** Final: never delivered again to this group. From a buffered record it implies the receipt. */
    ACCEPT,
    /** Back to the group, in offset order; the delivery count stays as it is. */
    RELEASE,
    /** Final without having been processed. */
    REJECT,
    /** The application has it: the record moves from buffered to received and its delivery count rises by one. */
    RECEIPT,
    /** Final: it expired while its consumer had it buffered. */
    EXPIRED
}
