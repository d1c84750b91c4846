// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The network threads that all JMS connections of this class loader share: made by the first, ended by the last. */
final class EventLoops {
    private static final int THREADS =
            Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() / 2));

    private static @Nullable EventLoopGroup group;
    private static int users;

    private EventLoops() {}

    static synchronized EventLoopGroup acquire() {
        EventLoopGroup current = group;
        if (current == null) {
            current = new MultiThreadIoEventLoopGroup(
                    THREADS, new DefaultThreadFactory("millrace-jms-net", true), NioIoHandler.newFactory());
            group = current;
        }
        users++;
        return current;
    }

    static synchronized void release() {
        EventLoopGroup current = group;
        if (--users == 0 && current != null) {
            group = null;
            var unused = current.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        }
    }
}
