// SPDX-License-Identifier: Apache-2.0
package io.millrace.peers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Loopback ports that nobody uses at present. */
public final class Ports {
    private static final int TRIES = 200;

    private Ports() {}

    /** Any. */
    public static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PeerException("No free loopback port", e);
        }
    }

    /** A number that, added to each of {@code ports}, gives free ports. */
    public static int freeOffset(int... ports) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            // Below the range that the system takes ports for outgoing connections from.
            int offset = 2_000 + 97 * attempt;
            if (areFree(offset, ports)) {
                return offset;
            }
        }
        throw new PeerException("No free ports found for a server after " + TRIES + " tries");
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
