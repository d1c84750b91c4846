// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.protocol.kafka.RequestEncoder;
import io.millrace.protocol.kafka.RequestHeader;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** A socket with Millrace's codec, for what stock clients do not do. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private int correlationId;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Sends without waiting; answers the correlation id. */
    int send(ApiKeys api, int version, ApiMessage request) throws IOException {
        RequestHeader header = new RequestHeader(api.id, (short) version, ++correlationId, "raw");
        ByteBuf frame = RequestEncoder.encode(ByteBufAllocator.DEFAULT, header, request);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        write(bytes);
        return correlationId;
    }

    void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** The next answer's frame, on the heap. */
    ByteBuf receive() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return Unpooled.wrappedBuffer(frame);
    }

    ApiMessage call(ApiKeys api, int version, ApiMessage request) throws IOException {
        int sent = send(api, version, request);
        ByteBuf frame = receive();
        if (ResponseDecoder.correlationId(frame) != sent) {
            throw new IOException("answer to another request");
        }
        return ResponseDecoder.decode(frame, api.id, (short) version);
    }

    /** Whether the broker closes this connection (rather than answers). */
    boolean isClosedByPeer() throws IOException {
        try {
            return in.read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
