// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import java.nio.file.Path;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Sending, receiving and redelivery through the adapter in one server with one application. */
@ExtendWith(ArquillianExtension.class)
@RunAsClient
class DeliveryIT {
    @TempDir
    static Path data;

    private static EmbeddedBroker broker;

    private Application application;

    @Deployment(testable = false)
    static WebArchive application() {
        return Application.archive("delivery.war");
    }

    @BeforeAll
    static void startBroker() {
        broker = TestPorts.startBroker(data);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() {
        application = TestPorts.application("delivery");
    }

    @Test
    void injectedConnectionFactorySendsWithTheTransaction() {
        assertEquals("done", application.call("connection", "ok:0:connection"));

        application.awaitSeen("ok:0:connection", "1 false");
    }

    @Test
    void injectedContextSendsWithTheTransaction() {
        assertEquals("done", application.call("context", "ok:0:context"));

        application.awaitSeen("ok:0:context", "1 false");
    }

    @Test
    void sendsAtOnceOutsideOfATransaction() {
        assertEquals("done", application.call("plain", "ok:0:plain"));

        application.awaitSeen("ok:0:plain", "1 false");
    }

    @Test
    void receivesWhatWasSentInTheSameApplication() {
        assertEquals("hello", application.call("roundTrip", "hello"));
    }

    @Test
    void aRolledBackSendIsNeverSeen() {
        assertEquals("done", application.call("rolledBack", "ok:0:never"));
        assertEquals("done", application.call("connection", "ok:0:after"));

        application.awaitSeen("ok:0:after", "1 false");
        assertEquals("", application.call("seen", "ok:0:never"));
    }

    @Test
    void redeliversWithARisingCountAfterAnException() {
        application.call("connection", "throw:2:x");

        application.awaitSeen("throw:2:x", "1 false,2 true,3 true");
    }

    @Test
    void redeliversWithARisingCountAfterARollbackWithoutException() {
        application.call("connection", "rollback:2:x");

        application.awaitSeen("rollback:2:x", "1 false,2 true,3 true");
    }

    @Test
    void refusesWhatAContainerMustRefuse() {
        assertEquals("refused", application.call("setListener", ""));
    }
}
