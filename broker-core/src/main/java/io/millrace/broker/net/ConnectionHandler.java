// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.broker.auth.AuthenticationException;
import io.millrace.broker.auth.ClientSession;
import io.millrace.broker.net.ConnectionState.Closed;
import io.millrace.broker.net.ConnectionState.Draining;
import io.millrace.broker.net.ConnectionState.Multiplexed;
import io.millrace.broker.net.ConnectionState.Ordered;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.request.MillraceRefusals;
import io.millrace.broker.request.RequestContext;
import io.millrace.protocol.kafka.DecodedRequest;
import io.millrace.protocol.kafka.DecodedRequest.KafkaRequest;
import io.millrace.protocol.kafka.DecodedRequest.PrivateRequest;
import io.millrace.protocol.kafka.DecodedRequest.UnknownApi;
import io.millrace.protocol.kafka.DecodedRequest.UnsupportedVersion;
import io.millrace.protocol.kafka.MessageBuffers;
import io.millrace.protocol.kafka.RequestDecoder;
import io.millrace.protocol.kafka.RequestHeader;
import io.millrace.protocol.kafka.ResponseEncoder;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.MalformedFrameException;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.Status;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, owned by its network loop: decodes frames, dispatches requests, writes answers. Its life
 * stands at {@link ConnectionState}.
 */
final class ConnectionHandler extends SimpleChannelInboundHandler<ByteBuf> {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

    /** A JMS link stays below its heartbeat time-out; what is left of a longer pause comes with its next request. */
    private static final long LONGEST_JMS_PAUSE_MS = 1_000;

    private static final Set<Short> BEFORE_AUTHENTICATION =
            Set.of(ApiKeys.API_VERSIONS.id, ApiKeys.SASL_HANDSHAKE.id, ApiKeys.SASL_AUTHENTICATE.id);

    private final Channel channel;
    private final ClientConnection connection;
    private final ClientSession session;
    private final KafkaApis apis;
    private final RateLimitedLog log;
    private final ReadGate gate;
    private final Deque<Exchange> inOrder = new ArrayDeque<>();
    private ConnectionState state = new Ordered();

    ConnectionHandler(
            long id,
            Channel channel,
            NetworkSettings settings,
            KafkaApis apis,
            RateLimitedLog log,
            BooleanSupplier storeWritable) {
        this.channel = channel;
        this.connection = new ClientConnection(id, channel, apis.newSession(), this::closeByHandler, this::pause);
        this.session = connection.session();
        this.apis = apis;
        this.log = log;
        this.gate = new ReadGate(channel, settings, storeWritable);
    }

    /** Whether the client may send what it likes: it has said who it is, or nobody asks. */
    boolean isAdmitted() {
        return session.isAdmitted();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) {
        if (state instanceof Draining || state instanceof Closed) {
            return;
        }
        if (session.expectsRawToken()) {
            onRawToken(frame);
            return;
        }
        int bytes = frame.readableBytes();
        DecodedRequest request;
        try {
            request = RequestDecoder.decode(frame);
        } catch (MalformedFrameException malformed) {
            refuse("malformed", malformed.getMessage());
            return;
        }
        Exchange exchange = new Exchange(request, bytes, state instanceof Ordered);
        gate.onRequest(bytes);
        if (exchange.isOrdered()) {
            inOrder.add(exchange);
        }
        dispatch(exchange);
        gate.regulate();
    }

    private void dispatch(Exchange exchange) {
        RequestHeader header = exchange.request().header();
        if (!session.isAdmitted() && !BEFORE_AUTHENTICATION.contains(header.apiKey())) {
            refuseUnauthenticated(exchange);
        } else if (exchange.request() instanceof KafkaRequest kafka) {
            CompletionStage<? extends @Nullable ApiMessage> answer =
                    apis.handle(context(header), header.apiKey(), kafka.body());
            if (answer == null) {
                refuseUnknown(exchange);
            } else {
                Completions.whenDone(
                        answer, (response, failure) -> inLoop(() -> onKafkaAnswer(exchange, response, failure)));
            }
        } else if (exchange.request() instanceof PrivateRequest own) {
            if (own.body() instanceof Connect && state instanceof Ordered) {
                transition(new Multiplexed());
            }
            CompletionStage<? extends MillraceResponse> answer = apis.handle(context(header), own.body());
            if (answer == null) {
                refuseUnknown(exchange);
            } else {
                Completions.whenDone(
                        answer, (response, failure) -> enqueue(() -> onPrivateAnswer(exchange, response, failure)));
            }
        } else if (exchange.request() instanceof UnsupportedVersion) {
            if (header.apiKey() == ApiKeys.API_VERSIONS.id) {
                onDone(
                        exchange,
                        ResponseEncoder.encodeUnsupportedApiVersions(channel.alloc(), header, apis.supported()));
            } else {
                refuse("version", "API " + header.apiKey() + " is not spoken in version " + header.apiVersion());
            }
        } else if (exchange.request() instanceof UnknownApi) {
            refuseUnknown(exchange);
        }
    }

    private RequestContext context(RequestHeader header) {
        return new RequestContext(connection, header.apiVersion(), header.clientId());
    }

    private void onKafkaAnswer(Exchange exchange, @Nullable ApiMessage response, @Nullable Throwable failure) {
        exchange.request().release();
        if (state instanceof Closed) {
            if (response != null) {
                MessageBuffers.release(response);
            }
        } else if (failure != null) {
            onHandlerFailed(exchange, failure);
        } else if (response == null) {
            onDone(exchange, null);
        } else {
            encode(
                    exchange,
                    () -> ResponseEncoder.encode(
                            channel.alloc(), exchange.request().header(), response));
            if (session.hasFailed()) {
                refuse("authentication", session.failure());
            }
        }
    }

    private void onPrivateAnswer(Exchange exchange, @Nullable MillraceResponse response, @Nullable Throwable failure) {
        exchange.request().release();
        if (state instanceof Closed) {
            if (response != null) {
                response.release();
            }
        } else if (failure != null || response == null) {
            onHandlerFailed(exchange, failure == null ? new IllegalStateException("no answer") : failure);
        } else {
            boolean bad = response.status().code() == ErrorCode.BAD_REQUEST;
            encode(
                    exchange,
                    () -> ResponseEncoder.encode(
                            channel.alloc(), exchange.request().header(), response));
            if (bad) {
                refuse("request", response.status().message());
            }
        }
    }

    private void encode(Exchange exchange, Encoding encoding) {
        ByteBuf frame;
        try {
            frame = encoding.encode();
        } catch (RuntimeException defect) {
            onHandlerFailed(exchange, defect);
            return;
        }
        onDone(exchange, frame);
    }

    private void onHandlerFailed(Exchange exchange, Throwable failure) {
        RequestHeader header = exchange.request().header();
        LOG.error(
                "API {} v{} of {} failed; its connection is closed",
                header.apiKey(),
                header.apiVersion(),
                connection,
                failure);
        close("a request failed");
    }

    private void onDone(Exchange exchange, @Nullable ByteBuf frame) {
        exchange.complete(frame);
        if (exchange.isOrdered()) {
            while (!inOrder.isEmpty() && inOrder.peek().isDone()) {
                write(inOrder.remove());
            }
        } else {
            write(exchange);
        }
        channel.flush();
        gate.regulate();
        if (state instanceof Draining && gate.isIdle()) {
            close("drained");
        }
    }

    private void write(Exchange exchange) {
        gate.onAnswered(exchange.bytes());
        ByteBuf frame = exchange.takeFrame();
        if (frame != null) {
            var unused = channel.write(frame, channel.voidPromise());
        }
    }

    /** The token of a client that opened with a SaslHandshake of version 0. */
    private void onRawToken(ByteBuf frame) {
        byte[] token = new byte[frame.readableBytes()];
        frame.readBytes(token);
        try {
            byte[] answer = session.answer(token);
            ByteBuf out = channel.alloc().buffer(Integer.BYTES + answer.length);
            out.writeInt(answer.length).writeBytes(answer);
            var unused = channel.writeAndFlush(out);
        } catch (AuthenticationException failure) {
            LOG.debug("A token of {} was refused", connection, failure);
            refuse("authentication", session.failure());
        }
    }

    private void refuseUnauthenticated(Exchange exchange) {
        if (exchange.request() instanceof PrivateRequest own) {
            Status status = Status.of(
                    ErrorCode.NOT_AUTHENTICATED,
                    "This broker wants a user name and a password: createConnection(user, password)");
            onPrivateAnswer(exchange, MillraceRefusals.of(own.body(), status), null);
        } else {
            exchange.request().release();
        }
        refuse("authentication", "API " + exchange.request().header().apiKey() + " before it authenticated");
    }

    private void pause(long milliseconds) {
        gate.pause(state instanceof Multiplexed ? Math.min(milliseconds, LONGEST_JMS_PAUSE_MS) : milliseconds);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        gate.regulate();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent && gate.isIdle()) {
            close("idle");
        } else if (event instanceof Connections.DrainRequested && !(state instanceof Closed)) {
            boolean ordered = state instanceof Ordered;
            transition(new Draining(ordered));
            gate.shut();
            if (gate.isIdle()) {
                close("drained");
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof DecoderException && cause.getMessage() != null) {
            refuse("frame", cause.getMessage());
        } else if (cause instanceof IOException) {
            close("connection broken: " + cause.getMessage());
        } else {
            LOG.error("Connection {} failed and is closed", connection, cause);
            close("defect");
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        close("the peer closed it");
        connection.onClosed();
    }

    private void refuseUnknown(Exchange exchange) {
        exchange.request().release();
        refuse("api", "API " + exchange.request().header().apiKey() + " is not known here");
    }

    private void refuse(String kind, @Nullable String what) {
        log.warn(kind, "Closed the connection of {}: {}", connection, String.valueOf(what));
        close("bad input");
    }

    /** A handler cannot tell the client in an answer. */
    private void closeByHandler(String reason) {
        if (!(state instanceof Closed)) {
            log.warn("handler", "Closed the connection of {}: {}", connection, reason);
            close(reason);
        }
    }

    private void close(String reason) {
        if (state instanceof Closed) {
            return;
        }
        transition(new Closed(reason));
        gate.shut();
        for (Exchange exchange : inOrder) {
            ByteBuf frame = exchange.takeFrame();
            if (frame != null) {
                frame.release();
            }
        }
        inOrder.clear();
        var unused = channel.close();
    }

    private void transition(ConnectionState next) {
        if (!state.leadsTo(next)) {
            throw new IllegalStateException("Connection " + connection + " cannot go from " + state + " to " + next);
        }
        LOG.debug("Connection {}: {} -> {}", connection, state, next);
        state = next;
    }

    private void inLoop(Runnable task) {
        if (channel.eventLoop().inEventLoop()) {
            task.run();
        } else {
            enqueue(task);
        }
    }

    /** Keeps multiplexed answers in the order they were given, also one that was there before it was asked for. */
    private void enqueue(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException stopped) {
            LOG.debug("An answer for {} came after the network had stopped", connection);
            // The loop is gone and has closed this connection: the task only gives its buffers back.
            task.run();
        }
    }

    @FunctionalInterface
    private interface Encoding {
        ByteBuf encode();
    }
}
