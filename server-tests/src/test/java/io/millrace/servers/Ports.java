// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Free loopback ports. */
final class Ports {
    private static final int TRIES = 200;

    private Ports() {}

    static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A number that, added to each of {@code ports}, gives free ports. */
    static int freeOffset(int... ports) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            // Below the range that the system takes ports for outgoing connections from.
            int offset = 2_000 + 97 * attempt;
            if (areFree(offset, ports)) {
                return offset;
            }
        }
        throw new IllegalStateException("No free ports found for the server after " + TRIES + " tries");
    }

    private static boolean areFree(int offset, int... ports) {
        for (int port : ports) {
            try (ServerSocket socket = new ServerSocket(port + offset, 1, InetAddress.getLoopbackAddress())) {
                socket.setReuseAddress(true);
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }
}
