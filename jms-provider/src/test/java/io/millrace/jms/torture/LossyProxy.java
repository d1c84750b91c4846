// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import io.millrace.protocol.message.MillraceApi;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between clients and a broker: passes requests on always, answers only as long as they are not to get lost; may
 * be told to do something when a certain request or its answer passes.
 */
final class LossyProxy implements AutoCloseable {
    /** Where a frame has its correlation id: after the API's key and version, or, in an answer, at once. */
    private static final int CORRELATION_OF_REQUEST = 4;

    private final ServerSocket server;
    private final InetSocketAddress broker;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicReference<Trap> trap = new AtomicReference<>();
    private volatile boolean losing;

    /**
     * A moment in the exchange with a broker.
     *
     * @param api of which request
     * @param answered whether it is the answer that is about to pass
     * @param action done once, by the thread that passes it on, before it passes
     */
    record Trap(MillraceApi api, boolean answered, Runnable action) {}

    /**
     * @param port at which clients connect; 0 for any
     * @param broker where they are passed on to
     */
    LossyProxy(int port, InetSocketAddress broker) throws IOException {
        this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.broker = broker;
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** From now on the broker's answers get lost. */
    void loseAnswers() {
        losing = true;
    }

    void set(Trap next) {
        trap.set(next);
    }

    /** Cuts all connections; answers on new ones arrive. */
    void cut() {
        trap.set(null);
        sockets.forEach(LossyProxy::end);
        sockets.clear();
        losing = false;
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "lossy-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                sockets.add(client);
                connect(client);
            }
        } catch (IOException closed) {
            cut();
        }
    }

    private void connect(Socket client) {
        try {
            Socket to = new Socket(broker.getAddress(), broker.getPort());
            sockets.add(to);
            client.setTcpNoDelay(true);
            to.setTcpNoDelay(true);
            AtomicReference<Awaited> awaited = new AtomicReference<>();
            start(() -> pass(client, to, frame -> springOnRequest(frame, awaited)));
            start(() -> pass(to, client, frame -> springOnAnswer(frame, awaited) && !losing));
        } catch (IOException away) {
            end(client);
        }
    }

    /** The request of a trap that waits for its answer. */
    private record Awaited(int correlation, Trap of) {}

    private boolean springOnRequest(ByteBuffer frame, AtomicReference<Awaited> awaited) {
        Trap set = trap.get();
        if (set != null && frame.getShort(0) == set.api.key() && trap.compareAndSet(set, null)) {
            if (set.answered) {
                awaited.set(new Awaited(frame.getInt(CORRELATION_OF_REQUEST), set));
            } else {
                set.action.run();
            }
        }
        return true;
    }

    private static boolean springOnAnswer(ByteBuffer frame, AtomicReference<Awaited> awaited) {
        Awaited set = awaited.get();
        if (set != null && frame.getInt(0) == set.correlation && awaited.compareAndSet(set, null)) {
            set.of.action.run();
        }
        return true;
    }

    /** Sees a frame without its length. */
    @FunctionalInterface
    private interface Passing {
        boolean passes(ByteBuffer frame);
    }

    private static void pass(Socket from, Socket to, Passing passing) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(from.getInputStream(), 65_536));
            DataOutputStream out = new DataOutputStream(to.getOutputStream());
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                if (passing.passes(ByteBuffer.wrap(frame))) {
                    out.write(ByteBuffer.allocate(Integer.BYTES + frame.length)
                            .putInt(frame.length)
                            .put(frame)
                            .array());
                }
            }
        } catch (IOException over) {
            // Both ends are closed: that is all there is to do.
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
