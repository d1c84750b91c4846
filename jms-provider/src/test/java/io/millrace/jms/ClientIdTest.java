// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Client identifiers against a real broker (Jakarta Messaging 3.1, section 6.1.2). */
@Timeout(60)
class ClientIdTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static MillraceConnectionFactory factory() {
        return new MillraceConnectionFactory(broker.url());
    }

    private static MillraceConnectionFactory factory(String clientId) {
        MillraceConnectionFactory factory = factory();
        factory.setClientId(clientId);
        return factory;
    }

    @Test
    void aClientIdIsOfOneConnectionAtATime() throws Exception {
        try (Connection first = factory().createConnection();
                Connection second = factory().createConnection()) {
            first.setClientID("one");
            assertThrows(InvalidClientIDException.class, () -> second.setClientID("one"));
            second.setClientID("two");
            assertEquals("two", second.getClientID());
            first.start();
        }
    }

    @Test
    void aClosedConnectionsClientIdIsFreeAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Connection connection = factory("again").createConnection()) {
                connection.start();
            }
        }
    }

    @Test
    void aFactorysClientIdIsOfOneOfItsConnections() throws Exception {
        MillraceConnectionFactory factory = factory("configured");
        try (Connection first = factory.createConnection()) {
            assertEquals("configured", first.getClientID());
            assertThrows(InvalidClientIDException.class, factory::createConnection);
            assertThrows(InvalidClientIDRuntimeException.class, factory::createContext);
        }
        try (JMSContext context = factory.createContext()) {
            assertEquals("configured", context.getClientID());
            try (JMSContext sharing = context.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
                assertEquals("configured", sharing.getClientID());
            }
        }
    }

    @Test
    void anAdministrativelyConfiguredClientIdIsNotChanged() throws Exception {
        try (Connection connection = factory("fixed").createConnection()) {
            assertThrows(IllegalStateException.class, () -> connection.setClientID("other"));
            assertThrows(IllegalStateException.class, () -> connection.setClientID("fixed"));
        }
        try (JMSContext context = factory("fixed").createContext()) {
            assertThrows(IllegalStateRuntimeException.class, () -> context.setClientID("other"));
        }
    }

    @Test
    void aClientIdIsSetOnce() throws Exception {
        try (Connection connection = factory().createConnection()) {
            assertNull(connection.getClientID());
            connection.setClientID("once");
            assertThrows(IllegalStateException.class, () -> connection.setClientID("twice"));
            assertEquals("once", connection.getClientID());
        }
    }

    @Test
    void anEmptyClientIdIsInvalid() throws Exception {
        try (Connection connection = factory().createConnection()) {
            assertThrows(InvalidClientIDException.class, () -> connection.setClientID(""));
            assertThrows(InvalidClientIDException.class, () -> connection.setClientID(null));
            assertThrows(InvalidClientIDException.class, () -> connection.setClientID("x".repeat(1_025)));
            connection.setClientID("x".repeat(1_024));
        }
    }

    @Test
    void aClientIdThatUtf8CannotHoldIsInvalid() throws Exception {
        // Javadoc of Connection.setClientID. Sent as UTF-8 it would be "x?", perhaps somebody else's.
        MillraceConnectionFactory configured = factory();
        configured.setClientId("x\uD800");
        try (Connection connection = factory().createConnection()) {
            assertThrows(InvalidClientIDException.class, () -> connection.setClientID("x\uD800"));
            assertThrows(InvalidClientIDException.class, configured::createConnection);
            connection.setClientID("x\uD83D\uDE00");
        }
    }

    private interface Action<T> {
        void on(T target) throws JMSException;
    }

    static Stream<Arguments> actionsOnAConnection() {
        return Stream.of(
                action("start", Connection::start),
                action("stop", Connection::stop),
                action("createSession", connection -> connection.createSession()),
                action("setExceptionListener", connection -> connection.setExceptionListener(any -> {})),
                action("getMetaData", Connection::getMetaData));
    }

    private static Arguments action(String name, Action<Connection> action) {
        return Arguments.of(name, action);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("actionsOnAConnection")
    void afterAnyActionItIsTooLateForAClientId(String name, Action<Connection> action) throws Exception {
        try (Connection connection = factory().createConnection()) {
            action.on(connection);
            assertThrows(IllegalStateException.class, () -> connection.setClientID("late"));
        }
    }

    static Stream<Arguments> actionsOnAContext() {
        return Stream.of(
                contextAction("start", JMSContext::start),
                contextAction("createQueue", context -> context.createQueue("q")),
                contextAction("createProducer", JMSContext::createProducer),
                contextAction("createTextMessage", JMSContext::createTextMessage),
                contextAction("createConsumer", context -> context.createConsumer(new MillraceQueue("q"))),
                contextAction(
                        "createContext",
                        context -> context.createContext(JMSContext.AUTO_ACKNOWLEDGE)
                                .close()));
    }

    private static Arguments contextAction(String name, Action<JMSContext> action) {
        return Arguments.of(name, action);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("actionsOnAContext")
    void afterAnyActionOnAContextItIsTooLateForAClientId(String name, Action<JMSContext> action) throws Exception {
        try (JMSContext context = factory().createContext()) {
            action.on(context);
            assertThrows(IllegalStateRuntimeException.class, () -> context.setClientID("late"));
        }
    }

    @Test
    void aContextTakesItsClientIdFirst() {
        try (JMSContext context = factory().createContext();
                JMSContext other = factory().createContext()) {
            context.setClientID("context");
            assertEquals("context", context.getClientID());
            assertThrows(InvalidClientIDRuntimeException.class, () -> other.setClientID("context"));
            assertNotNull(context.createDurableConsumer(new MillraceTopic("client-id-topic"), "sub"));
        }
    }
}
