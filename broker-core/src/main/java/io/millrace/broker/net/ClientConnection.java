// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.broker.auth.ClientSession;
import io.millrace.broker.request.RequestContext;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** What handlers see of a connection. Safe for any thread. */
final class ClientConnection implements RequestContext.Connection {
    private final long id;
    private final Channel channel;
    private final Consumer<String> closer;
    private final LongConsumer pauser;
    private final ClientSession session;
    private final String remote;
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean ended;

    /**
     * @param closer closes the connection; called on its network loop
     * @param pauser pauses the connection for milliseconds; called on its network loop
     */
    ClientConnection(long id, Channel channel, ClientSession session, Consumer<String> closer, LongConsumer pauser) {
        this.id = id;
        this.channel = channel;
        this.session = session;
        this.closer = closer;
        this.pauser = pauser;
        this.remote = channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : String.valueOf(channel.remoteAddress());
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public String remoteHost() {
        return remote;
    }

    @Override
    public void onClose(Runnable listener) {
        synchronized (listeners) {
            if (!ended) {
                listeners.add(listener);
                return;
            }
        }
        listener.run();
    }

    @Override
    public void execute(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException stopped) {
            // The loop is gone: the task only gives back what it holds.
            task.run();
        }
    }

    @Override
    public ClientSession session() {
        return session;
    }

    @Override
    public void pause(long milliseconds) {
        execute(() -> pauser.accept(milliseconds));
    }

    @Override
    public void close(String reason) {
        channel.eventLoop().execute(() -> closer.accept(reason));
    }

    void onClosed() {
        List<Runnable> told;
        synchronized (listeners) {
            ended = true;
            told = List.copyOf(listeners);
            listeners.clear();
        }
        told.forEach(Runnable::run);
    }

    @Override
    public String toString() {
        return id + " from " + remote;
    }
}
