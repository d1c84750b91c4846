// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.protocol.kafka.ProducerCodec;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Tries a bare Produce request, every millisecond on a new connection, until a server accepts it. */
final class ProduceProbe {
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);
    private static final long PAUSE_NANOS = 1_000_000;
    private static final int ANSWER_MS = 10_000;

    private ProduceProbe() {}

    /** Blocks until a record is accepted; stock clients would add their own back-off to what is measured. */
    static void await(int port, String topic, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        String last = "never connected";
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ANSWER_MS);
                if (socket.getLocalPort() == port) {
                    // Nobody listens yet, and the port is one that the system may give to a client: to this one.
                    socket.setSoLinger(true, 0);
                    throw new ConnectException("connected to itself");
                }
                socket.setSoTimeout(ANSWER_MS);
                socket.setTcpNoDelay(true);
                while (System.nanoTime() < end) {
                    ProducerCodec.Produced produced = produce(socket, topic);
                    if (produced.status().isOk()) {
                        return;
                    }
                    last = String.valueOf(produced.status());
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (IOException e) {
                last = e.toString();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        throw new BenchmarkException("Port " + port + " accepted no record within " + patience + ": " + last);
    }

    private static ProducerCodec.Produced produce(Socket socket, String topic) throws IOException {
        ByteBuf batch;
        try (BatchBuilder builder = new BatchBuilder(HEAP)) {
            batch = builder.add(System.currentTimeMillis(), null, new byte[100], List.of())
                    .build();
        }
        ByteBuf frame = ProducerCodec.produce(HEAP, 1, "probe", topic, 0, batch, 30_000);
        try {
            byte[] bytes = new byte[frame.readableBytes()];
            frame.readBytes(bytes);
            socket.getOutputStream().write(bytes);
        } finally {
            frame.release();
        }
        DataInputStream in = new DataInputStream(socket.getInputStream());
        return ProducerCodec.decodeProduced(Unpooled.wrappedBuffer(in.readNBytes(in.readInt())));
    }
}
