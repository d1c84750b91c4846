// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.machine;

import io.millrace.benchmarks.BenchmarkException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** How fast bytes go through a loopback connection when nobody looks at them. */
public final class LoopbackProbe {
    private static final int BUFFER_BYTES = 1 << 20;

    private LoopbackProbe() {}

    /** MB (10^6 bytes) per second from one thread's buffer of 1 MiB to another's. */
    public static double mbPerSecond(Duration time) throws IOException {
        try (ServerSocketChannel listening =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            SocketChannel sending = SocketChannel.open(listening.getLocalAddress());
            try (sending;
                    SocketChannel receiving = listening.accept()) {
                AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
                Thread sender = new Thread(() -> send(sending, failure), "loopback-sender");
                sender.setDaemon(true);
                sender.start();
                double rate = receive(receiving, time);
                IOException broken = failure.get();
                if (broken != null) {
                    throw new BenchmarkException("The loopback probe failed", broken);
                }
                return rate;
            }
        }
    }

    private static void send(SocketChannel channel, AtomicReference<@Nullable IOException> failure) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try {
            while (channel.isOpen()) {
                buffer.clear();
                while (buffer.hasRemaining()) {
                    if (channel.write(buffer) < 0) {
                        return;
                    }
                }
            }
        } catch (AsynchronousCloseException end) {
            return;
        } catch (ClosedChannelException end) {
            return;
        } catch (IOException e) {
            // After the receiver has closed: the measurement is over.
            if (!String.valueOf(e.getMessage()).matches("(?i).*(broken pipe|reset).*")) {
                failure.set(e);
            }
        }
    }

    private static double receive(SocketChannel channel, Duration time) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        long bytes = 0;
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < time.toNanos()) {
            buffer.clear();
            bytes += channel.read(buffer);
            now = System.nanoTime();
        }
        return bytes / 1e6 / ((now - begin) / 1e9);
    }
}
