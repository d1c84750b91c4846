// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.jms.MillraceXAConnectionFactory;
import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import io.millrace.protocol.record.TopicNames;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;

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

    /** By the broker's rule, so that a slip shows here and not at the first use. */
    private static void checkName(String name) throws InvalidDestinationException {
        String problem = TopicNames.problem(name);
        if (problem != null) {
            throw new InvalidDestinationException("\"" + name + "\" is not the name of a destination: " + problem);
        }
    }
}
