// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.protocol.message.MillraceCodec;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** One request of a command to a running broker, over a connection of its own. */
final class BrokerCall {
    private static final int CONNECT_MS = 5_000;
    private static final int ANSWER_MS = 600_000;
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    private BrokerCall() {}

    /**
     * Sends a request and waits for its answer.
     *
     * @param broker {@code host:port}
     * @throws CommandFailure when the broker cannot be reached or refuses
     */
    static MillraceResponse send(String broker, MillraceRequest request) {
        int colon = broker.lastIndexOf(':');
        if (colon <= 0) {
            throw new CommandFailure("--broker is " + broker + "; give host:port");
        }
        MillraceResponse response = exchange(broker, colon, request);
        if (!response.status().isOk()) {
            throw new CommandFailure(String.valueOf(response.status().message()));
        }
        return response;
    }

    private static MillraceResponse exchange(String broker, int colon, MillraceRequest request) {
        try (Socket socket = new Socket()) {
            int port = Integer.parseInt(broker.substring(colon + 1));
            socket.connect(new InetSocketAddress(broker.substring(0, colon), port), CONNECT_MS);
            socket.setSoTimeout(ANSWER_MS);
            ByteBuf frame = MillraceCodec.encodeRequest(UnpooledByteBufAllocator.DEFAULT, 1, "millrace-cli", request);
            byte[] bytes = new byte[frame.readableBytes()];
            frame.readBytes(bytes).release();
            socket.getOutputStream().write(bytes);
            return answer(request, new DataInputStream(socket.getInputStream()));
        } catch (NumberFormatException e) {
            throw new CommandFailure("--broker is " + broker + "; its port is no number");
        } catch (InterruptedIOException e) {
            throw new CommandFailure("Broker " + broker + " did not answer in time");
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandFailure("Broker " + broker + " cannot be asked (" + e.getMessage()
                    + "); is it running there, and without authentication?");
        }
    }

    private static MillraceResponse answer(MillraceRequest request, DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 5 || size > MAX_ANSWER_BYTES) {
            throw new IOException("it answered with a frame of " + size + " bytes");
        }
        byte[] answer = new byte[size];
        in.readFully(answer);
        ByteBuf buffer = Unpooled.wrappedBuffer(answer);
        buffer.skipBytes(Integer.BYTES + 1);
        return MillraceCodec.decodeResponse(request.api(), buffer);
    }
}
