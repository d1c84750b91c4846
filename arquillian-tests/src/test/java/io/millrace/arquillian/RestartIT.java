// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The broker goes and comes below a running application; the application goes and comes while messages arrive. */
@ExtendWith(ArquillianExtension.class)
@RunAsClient
class RestartIT {
    private static final String NAME = "restart";

    @TempDir
    static Path data;

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = NAME, managed = false, testable = false)
    static WebArchive application() {
        return Application.archive(NAME + ".war");
    }

    /** One test, since each deployment starts a server: a late broker, a restarted one, then a redeployment. */
    @Test
    void deliversAcrossALateBrokerARestartedOneAndARedeployment() throws JMSException {
        deployer.deploy(NAME);
        Application application = TestPorts.application(NAME);
        assertEquals("status 503", application.call("connection", "ok:0:early"));

        try (EmbeddedBroker broker = TestPorts.startBroker(data)) {
            sendThroughThePool(application, "ok:0:late");
            application.awaitSeen("ok:0:late", "1 false");

            broker.restart();
            sendThroughThePool(application, "ok:0:restarted");
            application.awaitSeen("ok:0:restarted", "1 false");

            deployer.undeploy(NAME);
            awaitEndOfTheServer();
            sendFromOutside(broker, "ok:0:meanwhile");
            deployer.deploy(NAME);
            application.awaitSeen("ok:0:meanwhile", "1 false");
            application.awaitSeen("durable/south:meanwhile", "1 false");
            assertEquals("", application.call("seen", "live/south:meanwhile"));
            assertEquals("", application.call("seen", "ok:0:restarted"));
            deployer.undeploy(NAME);
        }
    }

    /** Undeploying only asks it to end; until it has, it may still receive. */
    private static void awaitEndOfTheServer() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive));
    }

    /** The first call after the loss may still meet the lost connection; the pool then has a new one. */
    private static void sendThroughThePool(Application application, String text) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> application.call("connection", text).equals("done"));
    }

    private static void sendFromOutside(EmbeddedBroker broker, String text) throws JMSException {
        try (Connection connection = new MillraceConnectionFactory(broker.url()).createConnection();
                Session session = connection.createSession()) {
            session.createProducer(session.createQueue("work")).send(session.createTextMessage(text));
            TextMessage news = session.createTextMessage("south:meanwhile");
            news.setStringProperty("region", "south");
            session.createProducer(session.createTopic("news")).send(news);
        }
    }
}
