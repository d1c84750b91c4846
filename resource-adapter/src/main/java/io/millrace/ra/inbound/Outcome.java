// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

/** How one delivery ended. */
sealed interface Outcome {
    /** The bean returned and its transaction, if any, is committed. */
    record Processed() implements Outcome {}

    /** @param reason what the bean threw, or that its transaction was rolled back */
    record Failed(String reason) implements Outcome {}

    /** The bean did not see the message: the server has no endpoint or no thread at the moment. */
    record Unavailable() implements Outcome {}
}
