// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

/**
 * A moment of a two-phase commit at which something is killed.
 *
 * @param call the call of the XAResource
 * @param after whether it has returned
 * @param resource which of the two resources it is on, as the transaction manager calls them
 */
record CrashPoint(Call call, boolean after, int resource) {

    /** A call of an XAResource. */
    enum Call {
        PREPARE,
        COMMIT
    }

    @Override
    public String toString() {
        return call + ":" + (after ? "after" : "before") + ":" + resource;
    }
}
