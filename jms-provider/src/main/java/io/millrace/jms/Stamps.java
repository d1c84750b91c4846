// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.message.MillraceMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageNotWriteableException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The optional JMSX properties that a connection sets on what it sends (Jakarta Messaging 3.1, section 3.5.9), as its
 * options say. Immutable, safe for any thread.
 */
final class Stamps {
    private static final Logger log = LoggerFactory.getLogger(Stamps.class);
    private static final String USER_ID = "JMSXUserID";
    private static final String APP_ID = "JMSXAppID";

    private final Map<String, String> values = new LinkedHashMap<>();

    Stamps(ConnectionOptions options) {
        String user = options.userName();
        if (options.populateJMSXUserID() && user != null) {
            values.put(USER_ID, user);
        }
        String application = options.appId();
        if (application != null) {
            values.put(APP_ID, application);
        }
    }

    /** Which properties are set. */
    Set<String> names() {
        return values.keySet();
    }

    /**
     * Sets them, on the message that is sent and on the application's, which they are shown on too.
     *
     * @param own what is sent
     * @param given what the application gave to send: the same, or another provider's
     */
    void set(MillraceMessage own, Message given) throws JMSException {
        if (values.isEmpty()) {
            return;
        }
        values.forEach(own::restoreProperty);
        if (own != given) {
            try {
                for (Map.Entry<String, String> stamp : values.entrySet()) {
                    given.setStringProperty(stamp.getKey(), stamp.getValue());
                }
            } catch (MessageNotWriteableException e) {
                // One that another provider received: its receivers see the properties, only its sender does not.
                log.debug("A message of another provider is read-only and does not show {}", values.keySet(), e);
            }
        }
    }
}
