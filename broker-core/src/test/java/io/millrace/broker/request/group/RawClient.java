// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;

/** Sends any version of any request over a socket; answers come in order. */
final class RawClient implements AutoCloseable {
    private final Socket socket;
    private int correlationId;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
    }

    <T extends ApiMessage> T send(ApiKeys api, int version, ApiMessage request, Class<T> response) throws IOException {
        RequestHeader header = new RequestHeader(api, (short) version, "raw", ++correlationId);
        ByteBuffer frame = RequestUtils.serialize(header.data(), header.headerVersion(), request, (short) version);
        ByteBuffer sized = ByteBuffer.allocate(4 + frame.remaining());
        sized.putInt(frame.remaining()).put(frame);
        socket.getOutputStream().write(sized.array());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        ByteBuffer answer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
        ResponseHeader.parse(answer, api.responseHeaderVersion((short) version));
        T message = response.cast(api.messageType.newResponse());
        message.read(new ByteBufferAccessor(answer), (short) version);
        if (answer.hasRemaining()) {
            throw new IOException(answer.remaining() + " bytes too many in the answer to " + api + " v" + version);
        }
        return message;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
