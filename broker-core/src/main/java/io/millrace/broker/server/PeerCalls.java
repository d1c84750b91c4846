// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.delivery.Peers;
import io.millrace.broker.server.BrokerCall.Login;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks other brokers, each by a thread of its own that is there only as long as there is something to ask: it is for what
 * clients have left behind, and for the deletion of topics. Safe for any thread.
 */
final class PeerCalls implements Peers, AutoCloseable {
    private static final int MOST_WAITING = 10_000;
    private static final long IDLE_S = 5;
    private static final int ANSWER_MS = 10_000;

    private final Cluster cluster;
    private final @Nullable Login login;
    private final Map<Integer, ThreadPoolExecutor> threads = new ConcurrentHashMap<>();

    /** @param login in whose name; {@code null} for nobody in particular */
    PeerCalls(Cluster cluster, @Nullable Login login) {
        this.cluster = cluster;
        this.login = login;
    }

    private static ThreadPoolExecutor thread(int brokerId) {
        ThreadPoolExecutor thread = new ThreadPoolExecutor(
                1, 1, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), task -> {
                    Thread made = new Thread(task, "millrace-peer-" + brokerId);
                    made.setDaemon(true);
                    return made;
                });
        thread.allowCoreThreadTimeOut(true);
        return thread;
    }

    static PeerCalls of(BrokerConfig config, Cluster cluster) {
        String file = config.get(BrokerConfigKeys.PEER_CREDENTIALS_FILE);
        return new PeerCalls(cluster, file.isEmpty() ? null : read(Path.of(file)));
    }

    private static Login read(Path file) {
        Properties credentials = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            credentials.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new UncheckedIOException(
                    "The credentials of this broker (peer.credentials.file) cannot be read from " + file,
                    e instanceof IOException io ? io : new IOException(e));
        }
        if (credentials.size() != 1) {
            throw new UncheckedIOException(
                    "The credentials of this broker (peer.credentials.file)",
                    new IOException(file + " has " + credentials.size() + " lines user = password, not one"));
        }
        String user = credentials.stringPropertyNames().iterator().next();
        return new Login(user, credentials.getProperty(user));
    }

    @Override
    public CompletableFuture<MillraceResponse> ask(int brokerId, MillraceRequest request) {
        BrokerInfo broker = cluster.view().brokers().get(brokerId);
        if (broker == null) {
            return CompletableFuture.failedFuture(new CallFailure("Broker " + brokerId + " is away"));
        }
        try {
            return CompletableFuture.supplyAsync(
                    () -> ask(broker, request), threads.computeIfAbsent(brokerId, PeerCalls::thread));
        } catch (RejectedExecutionException full) {
            return CompletableFuture.failedFuture(
                    new CallFailure("Broker " + brokerId + " was not asked: too many questions wait"));
        }
    }

    private MillraceResponse ask(BrokerInfo broker, MillraceRequest request) {
        try (BrokerCall call = BrokerCall.open(broker.host() + ":" + broker.port(), login, ANSWER_MS)) {
            MillraceResponse answer = call.ask(request);
            if (answer.status().code() == ErrorCode.NOT_AUTHENTICATED) {
                throw new CallFailure(
                        "Broker " + broker.id() + " asks its clients, and other brokers, who they are; say"
                                + " in peer.credentials.file who this broker is");
            }
            return answer;
        }
    }

    @Override
    public void close() {
        threads.values().forEach(ThreadPoolExecutor::shutdownNow);
    }
}
