// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.TopicConnection;

/** A connection (lands with the next commits). */
abstract class MillraceConnection implements Connection, QueueConnection, TopicConnection {
    static MillraceConnection open(ConnectionUrl url, ConnectionOptions options) throws JMSException {
        return java.util.Optional.<MillraceConnection>empty()
                .orElseThrow(() -> new JMSException("Cannot connect to " + url + " with " + options + " yet."));
    }
}
