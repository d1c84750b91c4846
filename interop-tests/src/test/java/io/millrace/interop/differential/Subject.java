// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import io.millrace.protocol.kafka.RequestEncoder;
import io.millrace.protocol.kafka.RequestHeader;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * One of the two brokers that are compared: a connection, and what earlier steps remembered of its answers. For one
 * thread.
 */
final class Subject implements AutoCloseable {
    private static final int PATIENCE_MS = 40_000;

    private final int port;
    private final Normaliser normaliser = new Normaliser();
    private final Map<String, Object> remembered = new HashMap<>();
    private Socket socket;
    private DataInputStream in;
    private int correlationId;

    Subject(int port) {
        this.port = port;
    }

    /** Sends a request and renders its answer, freed of what may differ. */
    String ask(ApiKeys api, int version, ApiMessage request) throws IOException {
        try {
            return render(call(api, version, request), version);
        } catch (EOFException | SocketException closed) {
            disconnect();
            return "connection closed";
        } catch (SocketTimeoutException silent) {
            disconnect();
            return "no answer";
        }
    }

    /** As {@link #ask} renders an answer. */
    String render(ApiMessage answer, int version) {
        return normaliser.render(answer, (short) version);
    }

    /** How long the broker may take to answer, on this connection; else it is silent. */
    void patience(Duration patience) throws IOException {
        connect();
        socket.setSoTimeout((int) patience.toMillis());
    }

    /** Sends a request; the answer is for the next steps to use. */
    ApiMessage call(ApiKeys api, int version, ApiMessage request) throws IOException {
        connect();
        RequestHeader header = new RequestHeader(api.id, (short) version, ++correlationId, "differential");
        ByteBuf frame = RequestEncoder.encode(ByteBufAllocator.DEFAULT, header, request);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        socket.getOutputStream().write(bytes);
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        ByteBuf buffer = Unpooled.wrappedBuffer(answer);
        if (ResponseDecoder.correlationId(buffer) != correlationId) {
            throw new IOException("answer to another request");
        }
        return ResponseDecoder.decode(buffer, api.id, (short) version);
    }

    void remember(String name, Object value) {
        remembered.put(name, value);
    }

    <T> T remembered(String name, Class<T> type) {
        return type.cast(remembered.get(name));
    }

    /** What the answers call things by that one broker alone knows, such as a member id: rendered as {@code alias}. */
    void alias(String value, String alias) {
        normaliser.alias(value, alias);
    }

    int port() {
        return port;
    }

    private void connect() throws IOException {
        if (socket == null) {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            in = new DataInputStream(socket.getInputStream());
        }
    }

    void disconnect() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    @Override
    public void close() throws IOException {
        disconnect();
    }
}
