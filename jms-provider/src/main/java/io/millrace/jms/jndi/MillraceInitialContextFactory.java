// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import java.util.Hashtable;
import java.util.Properties;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes administered objects (Jakarta Messaging 3.1, chapter 5) known by JNDI names where there is no server that does. What
 * is bound stands in {@code jndi.properties} on the class path, or in the environment given to
 * {@link javax.naming.InitialContext}:
 *
 * <pre>
 * java.naming.factory.initial=io.millrace.jms.jndi.MillraceInitialContextFactory
 * java.naming.provider.url=millrace://host:9092
 * connectionFactory.NAME=millrace://host:9092?option=value
 * xaConnectionFactory.NAME=millrace://host:9092?option=value
 * queue.NAME=PHYSICAL
 * topic.NAME=PHYSICAL
 * </pre>
 *
 * <ul>
 *   <li>{@code ConnectionFactory} is bound always, unless a property binds that name to something else: a factory for
 *       {@code java.naming.provider.url}, or without it for
 *       {@value io.millrace.jms.MillraceConnectionFactory#DEFAULT_URL}. URLs may have every option of
 *       {@link io.millrace.jms.config.ConnectionOptions}.
 *   <li>A connection factory is a QueueConnectionFactory and a TopicConnectionFactory, too; one of
 *       {@code xaConnectionFactory} is also an XAConnectionFactory.
 *   <li>PHYSICAL is the name of the log that holds the messages, or {@code queue:///NAME} and
 *       {@code topic:///NAME?from=...} as {@link io.millrace.jms.MillraceTopic} describes them.
 *   <li>{@code dynamicQueues/PHYSICAL} and {@code dynamicTopics/PHYSICAL} need no property.
 *   <li>A slash in NAME makes a subcontext: {@code queue.jms/orders} is {@code orders} in {@code jms}.
 * </ul>
 *
 * All properties are checked as the context is made; one that cannot be used is a
 * {@link javax.naming.ConfigurationException} that names it and has the reason as its root cause. No connection is made.
 * The context cannot be changed, and may be used by any number of threads; each lookup gives a new object, so that one may
 * be configured further. Other properties are left alone.
 */
public final class MillraceInitialContextFactory implements InitialContextFactory {

    /** @throws javax.naming.ConfigurationException when a property cannot be used */
    @Override
    public Context getInitialContext(@Nullable Hashtable<?, ?> environment) throws NamingException {
        // A copy: the caller may change its own.
        Hashtable<?, ?> own = environment == null ? new Properties() : (Hashtable<?, ?>) environment.clone();
        return new ReadOnlyContext(NamingProperties.read(own), own);
    }
}
