// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

/** The server could not listen on its port. */
public final class PortInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PortInUseException(String host, int port, Throwable cause) {
        super(
                "Cannot listen on " + host + ":" + port + ": " + cause.getMessage()
                        + ". Stop what listens there or choose another port (0 takes any free one)",
                cause);
    }
}
