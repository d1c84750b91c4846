// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceXAConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnectionFactory;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Each broker's own JMS client in this JVM, with its own versions of its libraries: the classes of {@code jakarta.jms} are
 * all they share. Safe for any thread.
 */
public final class JmsClients {
    private static final ConcurrentMap<PeerKind, ClassLoader> LOADERS = new ConcurrentHashMap<>();

    private JmsClients() {}

    /** The settings, for the report. */
    public static String describe() {
        return "JMS clients: each broker's own, defaults but for Artemis' confirmationWindowSize, without which it has no"
                + " asynchronous send; one connection for each producer and consumer";
    }

    /** What makes connections to a running server. */
    public static ConnectionFactory factory(Peer peer) throws JMSException {
        return switch (peer.kind()) {
            case MILLRACE_COMMIT, MILLRACE_OS -> new MillraceConnectionFactory("millrace://" + peer.bootstrap());
            case ARTEMIS ->
                made(
                        peer.kind(),
                        "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory",
                        "tcp://" + peer.bootstrap() + "?confirmationWindowSize=1048576");
            case OPENMQ -> openMq(peer);
            case KAFKA, KAFKA_SYNC, NULL_BROKER ->
                throw new IllegalArgumentException(peer.kind().title() + " has no JMS client");
        };
    }

    /** What makes connections for distributed transactions to a running server. */
    public static XAConnectionFactory xaFactory(Peer peer) {
        return switch (peer.kind()) {
            case MILLRACE_COMMIT, MILLRACE_OS -> new MillraceXAConnectionFactory("millrace://" + peer.bootstrap());
            case ARTEMIS ->
                (XAConnectionFactory) instance(
                        peer.kind(),
                        "org.apache.activemq.artemis.jms.client.ActiveMQXAConnectionFactory",
                        "tcp://" + peer.bootstrap());
            case OPENMQ, KAFKA, KAFKA_SYNC, NULL_BROKER ->
                throw new IllegalArgumentException(peer.kind().title() + " has no load of distributed transactions");
        };
    }

    /** Says where a broker's client comes from; before the first {@link #factory}. */
    static void install(PeerKind kind, List<Path> jars) {
        LOADERS.computeIfAbsent(
                kind,
                k -> new URLClassLoader(
                        k.title(), jars.stream().map(JmsClients::url).toArray(URL[]::new), new ApiOnly()));
    }

    private static ConnectionFactory made(PeerKind kind, String type, String url) {
        return (ConnectionFactory) instance(kind, type, url);
    }

    private static Object instance(PeerKind kind, String type, String url) {
        try {
            return load(kind, type).getConstructor(String.class).newInstance(url);
        } catch (ReflectiveOperationException e) {
            throw new BenchmarkException("The JMS client of " + kind.title() + " cannot be made", e);
        }
    }

    private static ConnectionFactory openMq(Peer peer) {
        try {
            Object factory = load(peer.kind(), "com.sun.messaging.ConnectionFactory")
                    .getConstructor()
                    .newInstance();
            factory.getClass()
                    .getMethod("setProperty", String.class, String.class)
                    .invoke(factory, "imqAddressList", "mq://" + peer.bootstrap() + "/jms");
            return (ConnectionFactory) factory;
        } catch (ReflectiveOperationException e) {
            throw new BenchmarkException("The JMS client of OpenMQ cannot be made", e);
        }
    }

    private static Class<?> load(PeerKind kind, String type) throws ClassNotFoundException {
        ClassLoader loader = LOADERS.get(kind);
        if (loader == null) {
            throw new IllegalStateException("No client of " + kind.title() + " is installed");
        }
        return loader.loadClass(type);
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("No URL for " + jar, e);
        }
    }

    /** The JDK and the JMS API, nothing else of this program. */
    private static final class ApiOnly extends ClassLoader {
        ApiOnly() {
            super("jms-api", ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("jakarta.jms.")) {
                return JmsClients.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
