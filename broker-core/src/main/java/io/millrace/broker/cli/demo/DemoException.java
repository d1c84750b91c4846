// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

/** The demo cannot go on; the message is the one sentence its user reads. */
final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
