// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import java.io.Writer;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An application that knows Millrace by a {@code jndi.properties} on its class path only. */
@Timeout(60)
@SuppressWarnings("BanJNDI") // the names are the test's, the context is ours
class JndiEndToEndTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    @TempDir
    private Path classPath;

    /** The context that {@code new InitialContext()} gives where this file is on the class path. */
    private InitialContext configuredBy(Properties properties) throws Exception {
        try (Writer file = Files.newBufferedWriter(classPath.resolve("jndi.properties"))) {
            properties.store(file, null);
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classPath.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            return resolved(new InitialContext());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** An initial context is made at its first use at the latest. */
    private static InitialContext resolved(InitialContext context) throws NamingException {
        context.getEnvironment();
        return context;
    }

    @Test
    void looksUpSendsAndReceives() throws Exception {
        Context naming = configuredBy(InitialContexts.properties(
                Context.PROVIDER_URL, MILLRACE.broker().url(), "queue.jms/orders", "jndi-orders"));
        ConnectionFactory factory = (ConnectionFactory) naming.lookup("ConnectionFactory");
        Queue orders = (Queue) naming.lookup("jms/orders");
        Queue same = (Queue) naming.lookup("dynamicQueues/jndi-orders");

        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(orders, "3 x hops");
            String received = context.createConsumer(same).receiveBody(String.class, 10_000);

            assertEquals("3 x hops", received);
        }
    }

    @Test
    void publishesToASubscriberOverFactoriesOfTheirOwn() throws Exception {
        String url = MILLRACE.broker().url();
        Context naming = configuredBy(InitialContexts.properties(
                "connectionFactory.cf",
                url + "?clientId=jndi",
                "xaConnectionFactory.xa",
                url,
                "topic.prices",
                "jndi-prices"));
        Topic prices = (Topic) naming.lookup("prices");

        try (JMSContext context = ((ConnectionFactory) naming.lookup("cf")).createContext();
                XAConnection xa = ((XAConnectionFactory) naming.lookup("xa")).createXAConnection()) {
            JMSConsumer consumer = context.createConsumer(prices);
            var session = xa.createXASession(); // without a transaction it sends at once
            session.createProducer(prices).send(session.createTextMessage("7"));
            String received = consumer.receiveBody(String.class, 10_000);

            assertEquals("jndi", context.getClientID());
            assertEquals("7", received);
        }
    }
}
