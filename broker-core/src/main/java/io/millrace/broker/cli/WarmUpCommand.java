// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.protocol.kafka.ClientFrames;
import io.millrace.protocol.kafka.ProducerCodec;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.MillraceCodec;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Runs through what a broker does from its start to its first clients, so that the launcher's JVM can archive the classes
 * that takes (AppCDS): a start on an empty directory, a topic, a record in and out, and a start that finds them.
 */
@Command(
        name = "warm-up",
        hidden = true,
        description = "Starts a broker on a temporary directory, uses it and stops it.")
final class WarmUpCommand implements Callable<Integer> {
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);
    private static final String CLIENT = "warm-up";
    private static final String TOPIC = "warm-up";
    private static final int ANSWER_MS = 30_000;

    @Override
    public Integer call() throws IOException, UsageException {
        // As the start that follows: its classes belong into the archive, too.
        StartOptions.parse(List.of("--data", "data", "--port", "0"));
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            use(broker.port());
            broker.restart();
            use(broker.port());
        }
        return 0;
    }

    private static void use(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(ANSWER_MS);
            exchange(socket, ClientFrames.apiVersions(HEAP, 1, CLIENT));
            exchange(
                    socket,
                    MillraceCodec.encodeRequest(HEAP, 2, CLIENT, new Connect(UUID.randomUUID(), null, ANSWER_MS)));
            exchange(
                    socket,
                    MillraceCodec.encodeRequest(HEAP, 3, CLIENT, new OpenDestination(TOPIC, DestinationKind.QUEUE)));
            exchange(socket, ClientFrames.metadata(HEAP, 4, CLIENT, TOPIC));
            exchange(socket, ProducerCodec.initProducerId(HEAP, 5, CLIENT));
            ProducerCodec.Produced produced = ProducerCodec.decodeProduced(
                    exchange(socket, ProducerCodec.produce(HEAP, 6, CLIENT, TOPIC, 0, batch(), ANSWER_MS)));
            if (!produced.status().isOk()) {
                throw new IOException("The broker did not take a record: " + produced.status());
            }
            exchange(socket, ClientFrames.fetch(HEAP, 7, CLIENT, TOPIC, 0, 0));
        }
    }

    private static ByteBuf batch() {
        try (BatchBuilder builder = new BatchBuilder(HEAP)) {
            return builder.add(System.currentTimeMillis(), null, new byte[100], List.of())
                    .build();
        }
    }

    /** Sends a frame and waits for its answer, in a buffer that needs no release. */
    private static ByteBuf exchange(Socket socket, ByteBuf frame) throws IOException {
        try {
            frame.readBytes(socket.getOutputStream(), frame.readableBytes());
        } finally {
            frame.release();
        }
        DataInputStream in = new DataInputStream(socket.getInputStream());
        return Unpooled.wrappedBuffer(in.readNBytes(in.readInt()));
    }
}
