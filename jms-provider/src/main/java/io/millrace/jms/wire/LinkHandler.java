// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Status;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Matches answers to requests by correlation id, in whatever order they come. Owned by the channel's event loop; every
 * method runs there. Open until {@link #end}, which fails what is pending and tells the owner once.
 */
final class LinkHandler extends ChannelInboundHandlerAdapter {
    private static final long SWEEP_MS = 50;

    private final String address;
    private final Consumer<ProviderException> onEnd;
    private final Map<Integer, Waiting> waiting = new LinkedHashMap<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable ProviderException ended;
    private @Nullable Future<?> sweeper;
    private int nextCorrelationId;
    private int maxFrameBytes = Integer.MAX_VALUE;
    private boolean flushScheduled;

    /** A pending request and when it is given up, in the terms of {@link System#nanoTime}. */
    private record Waiting(Pending pending, long deadlineNanos) {}

    LinkHandler(String address, Consumer<ProviderException> onEnd) {
        this.address = address;
        this.onEnd = onEnd;
    }

    void limitFrames(int bytes) {
        maxFrameBytes = bytes;
    }

    /**
     * Sends a request, flushed together with others of this turn of the loop.
     *
     * @param encoder makes the whole frame for the correlation id it is given
     * @return whether the encoder was asked; else what it would have encoded is still the caller's
     */
    boolean send(IntFunction<ByteBuf> encoder, Pending pending, long timeoutMs) {
        ChannelHandlerContext to = context;
        if (ended != null || to == null) {
            pending.onFailure(
                    ended != null
                            ? ended
                            : ProviderException.linkLost("The link to " + address + " is not open", null));
            return false;
        }
        int correlationId = nextCorrelationId++;
        ByteBuf frame;
        try {
            frame = encoder.apply(correlationId);
        } catch (RuntimeException e) {
            String message = pending.what() + " cannot be encoded: " + e.getMessage();
            pending.onFailure(ProviderException.refused(Status.of(ErrorCode.BAD_REQUEST, message)));
            return true;
        }
        if (frame.readableBytes() > maxFrameBytes) {
            String message = pending.what() + " takes " + frame.readableBytes() + " bytes; the broker at " + address
                    + " accepts " + maxFrameBytes;
            frame.release();
            pending.onFailure(ProviderException.refused(Status.of(ErrorCode.TOO_LARGE, message)));
            return true;
        }
        waiting.put(correlationId, new Waiting(pending, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs)));
        var unused = to.write(frame, to.voidPromise());
        if (!flushScheduled) {
            flushScheduled = true;
            to.executor().execute(this::flush);
        }
        return true;
    }

    private void flush() {
        flushScheduled = false;
        if (context != null) {
            context.flush();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        sweeper = ctx.executor().scheduleWithFixedDelay(this::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
        ctx.fireChannelActive();
    }

    private void sweep() {
        long now = System.nanoTime();
        List<Waiting> late = new ArrayList<>();
        for (Iterator<Waiting> all = waiting.values().iterator(); all.hasNext(); ) {
            Waiting request = all.next();
            if (now - request.deadlineNanos >= 0) {
                all.remove();
                late.add(request);
            }
        }
        for (Waiting request : late) {
            request.pending.onFailure(ProviderException.timedOut(
                    "The broker at " + address + " did not answer " + request.pending.what() + " in time"));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf frame = (ByteBuf) message;
        try {
            Waiting request = waiting.remove(ResponseDecoder.correlationId(frame));
            if (request != null) {
                answer(request.pending, frame);
            }
        } finally {
            frame.release();
        }
    }

    private static void answer(Pending pending, ByteBuf frame) {
        try {
            pending.onAnswer(frame);
        } catch (RuntimeException e) {
            pending.onFailure(ProviderException.linkLost("The answer to " + pending.what() + " cannot be read", e));
            throw e;
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof IdleStateEvent idle)) {
            ctx.fireUserEventTriggered(event);
        } else if (idle.state() == IdleState.READER_IDLE) {
            end(ProviderException.linkLost("The broker at " + address + " has fallen silent", null));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(ProviderException.linkLost("The broker at " + address + " closed the connection", null));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(ProviderException.linkLost("The connection to " + address + " failed: " + cause, cause));
    }

    /** Ends the link: closes the channel, tells the owner, fails what is pending. Only the first call counts. */
    void end(ProviderException cause) {
        if (ended != null) {
            return;
        }
        ended = cause;
        if (sweeper != null) {
            sweeper.cancel(false);
        }
        if (context != null) {
            var unused = context.close();
        }
        List<Waiting> rest = new ArrayList<>(waiting.values());
        waiting.clear();
        onEnd.accept(cause); // first, so that who is told below finds the loss known
        for (Waiting request : rest) {
            request.pending.onFailure(cause);
        }
    }
}
