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
        if (url.hosts().isEmpty() || options.prefetch() > 0) {
            throw new JMSException("Cannot connect to " + url + " with " + options + ": this client is being built.");
        }
        return open(url, options);
    }
}
