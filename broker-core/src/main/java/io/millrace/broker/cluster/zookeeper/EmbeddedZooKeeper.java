// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.server.DataTree.ProcessTxnResult;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.Request;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.persistence.Util;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A persistent ZooKeeper server of one node inside the broker, on loopback only. The caller holds the lock of the data
 * directory, so every session that it finds there is of a run that is over: all are closed before the port opens, and
 * nobody waits for them to time out. {@link #start} and {@link #close} block; safe for any thread.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);

    private static final int TICK_MS = 500;
    private static final int MAX_SESSION_TIMEOUT_MS = 600_000;
    private static final int MAX_CONNECTIONS = 1_000;
    private static final int BACKLOG = 128;
    private static final int SNAPSHOTS_KEPT = 3;
    private static final long CLOSE_SESSIONS_SECONDS = 10;

    /** The transaction log grows by this much at a time; the default of 64 MiB is for ensembles under load. */
    private static final long LOG_GROWTH_KIB = 1024;

    private final Server server;
    private final ServerCnxnFactory connections;

    private EmbeddedZooKeeper(Server server, ServerCnxnFactory connections) {
        this.server = server;
        this.connections = connections;
    }

    /**
     * Starts a server.
     *
     * @param directory where its data lies; made when missing
     * @param port the port on the loopback address; 0 takes any free one
     * @throws ClusterException {@code UNAVAILABLE} when the port is taken or the data cannot be read
     */
    public static EmbeddedZooKeeper start(Path directory, int port) {
        Server server = null;
        ServerCnxnFactory connections = null;
        try {
            Files.createDirectories(directory);
            server = Server.load(directory);
            server.closeSessions();
            connections = open(port);
            connections.startup(server, false);
            LOG.debug("Embedded ZooKeeper on port {}", connections.getLocalPort());
            return new EmbeddedZooKeeper(server, connections);
        } catch (IOException | InterruptedException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            if (connections != null) {
                connections.shutdown();
            }
            if (server != null) {
                server.stop();
            }
            throw new ClusterException(Reason.UNAVAILABLE, message(directory, port, e), e);
        }
    }

    private static String message(Path directory, int port, Exception e) {
        return e instanceof BindException
                ? "Port %d for the embedded ZooKeeper is taken: set zookeeper.embedded.port".formatted(port)
                : "The embedded ZooKeeper cannot start in %s: %s".formatted(directory, e);
    }

    private static ServerCnxnFactory open(int port) throws IOException {
        NIOServerCnxnFactory factory = new Connections();
        factory.configure(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MAX_CONNECTIONS, BACKLOG, false);
        return factory;
    }

    /** The port it listens on. */
    public int port() {
        return connections.getLocalPort();
    }

    /** What clients connect to. */
    public String connectString() {
        return "127.0.0.1:" + port();
    }

    /** Stops serving; the data stays. Idempotent. */
    @Override
    public void close() {
        connections.shutdown();
        server.stop();
    }

    /** No JMX bean for each connection: the first one would start the JVM's whole management, which takes long. */
    private static final class Connections extends NIOServerCnxnFactory {
        @Override
        public void registerConnection(ServerCnxn connection) {}
    }

    /** A server without JMX beans, so that several may live in one JVM, which counts the sessions it closed. */
    private static final class Server extends ZooKeeperServer {
        private final FileTxnSnapLog files;
        private volatile CountDownLatch closing = new CountDownLatch(0);

        private Server(FileTxnSnapLog files) {
            super(files, TICK_MS, 2 * TICK_MS, MAX_SESSION_TIMEOUT_MS, BACKLOG, null, "");
            this.files = files;
        }

        static Server load(Path directory) throws IOException, InterruptedException {
            FileTxnLog.setPreallocSize(LOG_GROWTH_KIB * 1024);
            FileTxnSnapLog files = new FileTxnSnapLog(directory.toFile(), directory.toFile());
            purge(files);
            Server server = new Server(files);
            server.startdata();
            server.startup();
            return server;
        }

        /**
         * Deletes snapshots and logs that the latest snapshots make needless. ZooKeeper's own PurgeTxnLog prints what it
         * removes to the standard output, which belongs to the command line.
         */
        private static void purge(FileTxnSnapLog files) throws IOException {
            List<File> kept = files.findNValidSnapshots(SNAPSHOTS_KEPT);
            File[] all = files.getSnapDir().listFiles();
            if (kept.isEmpty() || all == null) {
                return;
            }
            long oldest = zxid(kept.get(kept.size() - 1));
            Set<File> needed = Set.of(files.getSnapshotLogs(oldest));
            for (File file : all) {
                if (zxid(file) >= 0 && zxid(file) < oldest && !needed.contains(file)) {
                    Files.delete(file.toPath());
                }
            }
        }

        /** The transaction id in the name of a snapshot or a log; -1 for any other file. */
        private static long zxid(File file) {
            String name = file.getName();
            return Math.max(Util.getZxidFromName(name, "snapshot"), Util.getZxidFromName(name, "log"));
        }

        /** Ends all sessions of the run before this one, with their ephemerals. */
        void closeSessions() throws InterruptedException, IOException {
            Set<Long> sessions = Set.copyOf(getZKDatabase().getSessions());
            closing = new CountDownLatch(sessions.size());
            sessions.forEach(this::closeSession);
            if (!closing.await(CLOSE_SESSIONS_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(closing.getCount() + " sessions of the previous run could not be closed");
            }
        }

        @Override
        public ProcessTxnResult processTxn(Request request) {
            ProcessTxnResult result = super.processTxn(request);
            if (request.type == OpCode.closeSession) {
                closing.countDown();
            }
            return result;
        }

        @Override
        protected void registerJMX() {}

        @Override
        protected void unregisterJMX() {}

        /** Ends the processing of requests and closes the files. Idempotent. */
        void stop() {
            shutdown(true);
            try {
                files.close();
            } catch (IOException e) {
                LOG.warn("Closing the embedded ZooKeeper's files failed", e);
            }
        }
    }
}
