// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Chooses the broker's port before Arquillian reads its configuration, which hands it to the server. */
public final class BrokerPort implements LauncherSessionListener {
    static final String PROPERTY = "millrace.test.port";

    static int chosen() {
        return Integer.getInteger(PROPERTY);
    }

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.setProperty(PROPERTY, Integer.toString(free.getLocalPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
