// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.io.Serializable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every method of every closed object, but {@code close}, is an IllegalStateException (Jakarta Messaging 3.1, sections
 * 6.1.8 and 6.2.15), however it was closed: by itself, with its session, with its connection.
 */
@Timeout(60)
class ClosedObjectsTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private static final Queue QUEUE = new MillraceQueue("closed-objects");
    private static final Topic TOPIC = new MillraceTopic("closed-objects-topic");

    /** They touch nothing but the producer's own values, which are as good as those of a message. */
    private static final Set<String> LOCAL_TO_A_JMS_PRODUCER = Set.of(
            "clearProperties",
            "propertyExists",
            "getPropertyNames",
            "setProperty",
            "setAsync",
            "getAsync",
            "setDisableMessageID",
            "setDisableMessageTimestamp");

    private static Object argument(Class<?> type) {
        Map<Class<?>, Object> values = new HashMap<>();
        values.put(String.class, "x");
        values.put(int.class, 1);
        values.put(long.class, 1L);
        values.put(boolean.class, false);
        values.put(Destination.class, QUEUE);
        values.put(Queue.class, QUEUE);
        values.put(Topic.class, TOPIC);
        values.put(Message.class, new io.millrace.jms.message.MillraceTextMessage("x"));
        values.put(Class.class, String.class);
        values.put(Serializable.class, "x");
        values.put(Map.class, Map.of());
        values.put(byte[].class, new byte[1]);
        values.put(ServerSessionPool.class, (ServerSessionPool) () -> null);
        values.put(ExceptionListener.class, (ExceptionListener) e -> {});
        values.put(MessageListener.class, (MessageListener) m -> {});
        values.put(CompletionListener.class, new CompletionListener() {
            @Override
            public void onCompletion(Message message) {}

            @Override
            public void onException(Message message, Exception exception) {}
        });
        return assertNotNullArgument(type, values.get(type));
    }

    private static Object assertNotNullArgument(Class<?> type, Object value) {
        assertNotNull(value, "no argument for " + type);
        return value;
    }

    private static Stream<DynamicTest> methodsOf(Object closed, String how, Set<String> except, Class<?>... apis) {
        return Stream.of(apis)
                .flatMap(api -> Stream.of(api.getMethods()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isDefault())
                .filter(method -> !method.getName().equals("close") && !except.contains(method.getName()))
                .map(method -> DynamicTest.dynamicTest(
                        how + ": " + method.getDeclaringClass().getSimpleName() + "." + method.getName()
                                + List.of(method.getParameterTypes()),
                        () -> refuses(closed, method)));
    }

    private static void refuses(Object closed, Method method) throws Exception {
        Object[] arguments = Stream.of(method.getParameterTypes())
                .map(ClosedObjectsTest::argument)
                .toArray();
        Throwable thrown = null;
        try {
            method.invoke(closed, arguments);
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
        }
        boolean checked = List.of(method.getExceptionTypes()).contains(jakarta.jms.JMSException.class);
        Class<?> expected = checked ? IllegalStateException.class : IllegalStateRuntimeException.class;
        assertInstanceOf(expected, thrown);
    }

    private static Connection connection() throws Exception {
        Connection connection = new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
        connection.start();
        return connection;
    }

    private interface Closing {
        void close(Connection connection, Session session, AutoCloseable object) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> theClassicAndTheDomainSpecificApis() throws Exception {
        Map<String, Closing> ways = Map.of(
                "closed itself", (connection, session, object) -> object.close(),
                "session closed", (connection, session, object) -> session.close(),
                "connection closed", (connection, session, object) -> connection.close());
        List<Stream<DynamicTest>> tests = new ArrayList<>();
        for (Map.Entry<String, Closing> way : ways.entrySet()) {
            try (Connection connection = connection()) {
                Session session = connection.createSession();
                MessageProducer producer = session.createProducer(QUEUE);
                MessageConsumer consumer = session.createConsumer(QUEUE);
                QueueBrowser browser = session.createBrowser(QUEUE);
                for (AutoCloseable object : List.of(producer, consumer, browser)) {
                    way.getValue().close(connection, session, object);
                }
                Set<String> none = Set.of();
                tests.add(methodsOf(producer, way.getKey(), none, QueueSender.class, TopicPublisher.class));
                tests.add(methodsOf(consumer, way.getKey(), none, QueueReceiver.class, TopicSubscriber.class));
                tests.add(methodsOf(browser, way.getKey(), none, QueueBrowser.class));
                if (!way.getKey().equals("closed itself")) {
                    tests.add(methodsOf(session, way.getKey(), none, QueueSession.class, TopicSession.class));
                }
                if (way.getKey().equals("connection closed")) {
                    tests.add(methodsOf(connection, way.getKey(), none, QueueConnection.class, TopicConnection.class));
                }
            }
        }
        return tests.stream().flatMap(all -> all);
    }

    @TestFactory
    Stream<DynamicTest> theSimplifiedApi() {
        JMSContext context = new MillraceConnectionFactory(MILLRACE.broker().url()).createContext();
        JMSConsumer consumer = context.createConsumer(QUEUE);
        JMSConsumer closedItself = context.createConsumer(QUEUE);
        JMSProducer producer = context.createProducer();
        closedItself.close();
        context.close();
        return Stream.of(
                        methodsOf(context, "closed", Set.of(), JMSContext.class),
                        methodsOf(closedItself, "closed itself", Set.of(), JMSConsumer.class),
                        methodsOf(consumer, "context closed", Set.of(), JMSConsumer.class),
                        methodsOf(producer, "context closed", localNames(), JMSProducer.class))
                .flatMap(all -> all);
    }

    private static Set<String> localNames() {
        Set<String> names = new java.util.HashSet<>(LOCAL_TO_A_JMS_PRODUCER);
        Stream.of(JMSProducer.class.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("get") || name.startsWith("setJMS"))
                .forEach(names::add);
        return names;
    }

    @TestFactory
    Stream<DynamicTest> closingAgainIsIgnored() throws Exception {
        Connection connection = connection();
        Session session = connection.createSession();
        List<AutoCloseable> all = List.of(
                session.createProducer(QUEUE),
                session.createConsumer(QUEUE),
                session.createBrowser(QUEUE),
                session,
                connection);
        connection.close();
        return all.stream()
                .map(object -> DynamicTest.dynamicTest(
                        object.getClass().getSimpleName(), () -> assertDoesNotThrow(object::close)));
    }
}
