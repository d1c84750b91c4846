// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSContext;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.OperateOnDeployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The broker restarts below a running application; the application goes and comes while messages arrive. */
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
        return Application.archive("restart.war");
    }

    /** One test, because each deployment starts a server of its own: the broker comes late, restarts, then the redeployment. */
    @Test
    void deliversAcrossALateBrokerARestartAndARedeployment(
            @ArquillianResource @OperateOnDeployment(NAME) URL ignored) throws Exception {
        throw new AssertionError("replaced below");
    }
}
