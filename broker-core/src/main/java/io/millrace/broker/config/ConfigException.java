// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

/** A setting is unknown, not allowed or unreadable. The message is one sentence for the person who set it. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
