// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.jms.MillraceXAConnectionFactory;
import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.util.regex.Pattern;

/** What a property can bind: its prefix, and how the object is made of its value. */
enum Kind {
    CONNECTION_FACTORY("connectionFactory.", MillraceConnectionFactory.class) {
        @Override
        Object make(String value) {
            return new MillraceConnectionFactory(value);
        }
    },
    XA_CONNECTION_FACTORY("xaConnectionFactory.", MillraceXAConnectionFactory.class) {
        @Override
        Object make(String value) {
            return new MillraceXAConnectionFactory(value);
        }
    },
    QUEUE("queue.", MillraceQueue.class) {
        @Override
        Object make(String value) {
            return new MillraceQueue(value);
        }
    },
    TOPIC("topic.", MillraceTopic.class) {
        @Override
        Object make(String value) {
            return new MillraceTopic(value);
        }
    };

    /** The broker's rule (Kafka's for topics), so that a slip shows here and not at the first use. */
    private static final Pattern LOG_NAME = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");

    private final String prefix;
    private final Class<?> type;

    Kind(String prefix, Class<?> type) {
        this.prefix = prefix;
        this.type = type;
    }

    /** How its properties begin, up to the name that they bind. */
    String prefix() {
        return prefix;
    }

    Class<?> type() {
        return type;
    }

    /**
     * A new object of a property's value.
     *
     * @throws IllegalArgumentException when it is a destination's URI that cannot be read
     */
    abstract Object make(String value);

    /**
     * Refuses a value that no object can be made of, or none that will ever work.
     *
     * @throws IllegalArgumentException when it is a destination's URI that cannot be read
     */
    void check(String value) throws JMSException {
        if (make(value) instanceof MillraceDestination destination) {
            checkName(destination.getName());
        } else {
            ConnectionOptions.of(value, ConnectionUrl.parse(value).options());
        }
    }

    private static void checkName(String name) throws InvalidDestinationException {
        if (!LOG_NAME.matcher(name).matches()) {
            throw new InvalidDestinationException("\"" + name
                    + "\" is not the name of a destination, which has 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-',"
                    + " and is neither \".\" nor \"..\"");
        }
    }
}
