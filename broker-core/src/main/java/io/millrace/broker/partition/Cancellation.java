// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

/** Takes a listener back. */
@FunctionalInterface
public interface Cancellation {
    /** Does nothing when the listener already ran. Any thread. */
    void cancel();
}
