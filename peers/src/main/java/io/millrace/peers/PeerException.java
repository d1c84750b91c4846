// SPDX-License-Identifier: Apache-2.0
package io.millrace.peers;

/** A child process could not be started, ended too early or was too slow; the message holds its last output. */
public final class PeerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PeerException(String message) {
        super(message);
    }

    PeerException(String message, Throwable cause) {
        super(message, cause);
    }
}
