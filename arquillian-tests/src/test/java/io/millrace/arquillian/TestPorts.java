// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import io.millrace.broker.server.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Chooses the ports of broker and server before Arquillian reads its configuration, which names them. */
public final class TestPorts implements LauncherSessionListener {
    private static final String BROKER = "millrace.test.port";
    /** Small, since the adapter's pauses between deliveries double. */
    static final String MAX_DELIVERIES = "4";

    private static final String HTTP = "millrace.test.http.port";

    /** Starts the broker that the server is told of. */
    static EmbeddedBroker startBroker(Path data) {
        return EmbeddedBroker.builder()
                .directory(data)
                .set("listen.port", System.getProperty(BROKER))
                .set("jms.max.deliveries", MAX_DELIVERIES)
                .start();
    }

    static Application application(String name) {
        return new Application("http://127.0.0.1:" + System.getProperty(HTTP) + "/" + name + "/");
    }

    /** A port that is free now. */
    static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket broker = new ServerSocket(0, 1, loopback);
                ServerSocket http = new ServerSocket(0, 1, loopback)) {
            System.setProperty(BROKER, Integer.toString(broker.getLocalPort()));
            System.setProperty(HTTP, Integer.toString(http.getLocalPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
