// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import io.millrace.protocol.kafka.ClusterCodec;
import io.millrace.protocol.kafka.SaslCodec;
import io.millrace.protocol.message.MillraceCodec;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.sasl.PlainToken;
import io.millrace.protocol.sasl.SaslFailure;
import io.millrace.protocol.sasl.ScramClient;
import io.millrace.protocol.sasl.ScramMechanism;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection of a command, or of another broker, to a running broker, which is told who asks where it wants to know. For one thread. */
public final class BrokerCall implements AutoCloseable {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final String CLIENT = "millrace-cli";
    private static final int CONNECT_MS = 5_000;
    private static final int ANSWER_MS = 600_000;
    private static final int MAX_ANSWER_BYTES = 64 << 20;
    private static final String PLAIN = "PLAIN";
    private static final List<String> PREFERRED =
            List.of(ScramMechanism.SHA_512.label(), ScramMechanism.SHA_256.label(), PLAIN);

    private final String broker;
    private final Socket socket;
    private final DataInputStream in;

    /** Who asks. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    private BrokerCall(String broker, Socket socket) throws IOException {
        this.broker = broker;
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param broker {@code host:port}
     * @param login who asks; {@code null} for nobody in particular
     * @throws CallFailure when the broker cannot be reached or refuses
     */
    public static MillraceResponse send(String broker, @Nullable Login login, MillraceRequest request) {
        try (BrokerCall call = open(broker, login)) {
            return call.send(request);
        }
    }

    /** Connects; proves who asks when the broker wants to know and {@code login} tells. */
    public static BrokerCall open(String broker, @Nullable Login login) {
        return open(broker, login, ANSWER_MS);
    }

    /** @param answerMs how long an answer may take, milliseconds */
    static BrokerCall open(String broker, @Nullable Login login, int answerMs) {
        int colon = broker.lastIndexOf(':');
        if (colon <= 0) {
            throw new CallFailure("--broker is " + broker + "; give host:port");
        }
        Socket socket = new Socket();
        boolean opened = false;
        try {
            int port = Integer.parseInt(broker.substring(colon + 1));
            socket.connect(new InetSocketAddress(broker.substring(0, colon), port), CONNECT_MS);
            socket.setSoTimeout(answerMs);
            BrokerCall call = new BrokerCall(broker, socket);
            if (login != null) {
                call.authenticate(login);
            }
            opened = true;
            return call;
        } catch (NumberFormatException e) {
            throw new CallFailure("--broker is " + broker + "; its port is no number");
        } catch (IOException | IllegalArgumentException e) {
            throw unreachable(broker, e);
        } finally {
            if (!opened) {
                close(socket);
            }
        }
    }

    private static CallFailure unreachable(String broker, Exception e) {
        return e instanceof InterruptedIOException
                ? new CallFailure("Broker " + broker + " did not answer in time")
                : new CallFailure("Broker " + broker + " cannot be asked (" + e.getMessage()
                        + "); is it running there? If it asks who its clients are: --user of a command,"
                        + " peer.credentials.file of a broker");
    }

    /** Sends a request of Millrace's own and waits for its answer, which must not be a refusal. */
    public MillraceResponse send(MillraceRequest request) {
        MillraceResponse response = ask(request);
        if (!response.status().isOk()) {
            throw new CallFailure(
                    String.valueOf(response.status().message()),
                    response.status().code());
        }
        return response;
    }

    /** Sends a request of Millrace's own and waits for its answer, whatever that says. */
    MillraceResponse ask(MillraceRequest request) {
        try {
            ByteBuf answer = exchange(MillraceCodec.encodeRequest(ALLOCATOR, 1, CLIENT, request));
            answer.skipBytes(Integer.BYTES + 1);
            return MillraceCodec.decodeResponse(request.api(), answer);
        } catch (IOException | IllegalArgumentException e) {
            throw unreachable(broker, e);
        }
    }

    /** All brokers of the cluster, by id. */
    public List<ClusterCodec.Broker> brokers() {
        try {
            return ClusterCodec.decode(exchange(ClusterCodec.describe(ALLOCATOR, 1, CLIENT)));
        } catch (IOException | IllegalArgumentException e) {
            throw unreachable(broker, e);
        }
    }

    private ByteBuf exchange(ByteBuf frame) throws IOException {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes).release();
        socket.getOutputStream().write(bytes);
        int size = in.readInt();
        if (size < 5 || size > MAX_ANSWER_BYTES) {
            throw new IOException("it answered with a frame of " + size + " bytes");
        }
        byte[] answer = new byte[size];
        in.readFully(answer);
        return Unpooled.wrappedBuffer(answer);
    }

    // ---- who asks

    /** By the first of SCRAM-SHA-512, SCRAM-SHA-256 and PLAIN that the broker offers, if it asks at all. */
    private void authenticate(Login login) throws IOException {
        if (!SaslCodec.offersSasl(exchange(SaslCodec.apiVersions(ALLOCATOR, 1, CLIENT)))) {
            return;
        }
        String mechanism = PREFERRED.get(0);
        SaslCodec.Handshake first = handshake(mechanism);
        if (!first.accepted()) {
            mechanism = PREFERRED.stream()
                    .filter(first.mechanisms()::contains)
                    .findFirst()
                    .orElseThrow(() -> new CallFailure("Broker " + broker + " offers " + first.mechanisms()
                            + " to authenticate by; this command knows " + PREFERRED));
            handshake(mechanism);
        }
        ScramMechanism scram = ScramMechanism.forLabel(mechanism);
        if (scram == null) {
            token(new PlainToken(login.user, login.password).toBytes());
            return;
        }
        ScramClient client = new ScramClient(scram, login.user, login.password);
        try {
            client.verify(token(client.prove(token(client.first()))));
        } catch (SaslFailure e) {
            throw new CallFailure(
                    "Broker " + broker + " did not prove that it knows user " + login + ": " + e.getMessage());
        }
    }

    private SaslCodec.Handshake handshake(String mechanism) throws IOException {
        SaslCodec.Handshake answer =
                SaslCodec.decodeHandshake(exchange(SaslCodec.handshake(ALLOCATOR, 1, CLIENT, mechanism)));
        if (!answer.status().isOk()) {
            throw new CallFailure(String.valueOf(answer.status().message()));
        }
        return answer;
    }

    private byte[] token(byte[] token) throws IOException {
        SaslCodec.Answer answer =
                SaslCodec.decodeAuthenticate(exchange(SaslCodec.authenticate(ALLOCATOR, 1, CLIENT, token)));
        if (!answer.status().isOk()) {
            throw new CallFailure(
                    "Broker " + broker + " refuses the user or password: "
                            + answer.status().message(),
                    answer.status().code());
        }
        return answer.token();
    }

    @Override
    public void close() {
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // The answer is there; that the end of the connection failed changes nothing.
        }
    }
}
