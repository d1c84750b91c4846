// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.config;

import jakarta.jms.JMSException;

/** The URL of a connection factory cannot be used; the message names the part that is wrong. */
public final class BadUrlException extends JMSException {
    private static final long serialVersionUID = 1L;

    BadUrlException(String url, String problem) {
        super("Cannot use the URL \"" + withoutPassword(url) + "\": " + problem, "MILLRACE_BAD_URL");
    }

    private static String withoutPassword(String url) {
        return url.replaceAll("(?i)([?&]password=)[^&]*", "$1***");
    }
}
