// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A default {@link SSLContext} that reads the JDK's trusted certificates when somebody connects, not when somebody asks
 * which protocols there are. ZooKeeper's client asks just that at each start, TLS or not, and parsing some 140
 * certificates for it would take a tenth of a second.
 */
final class DeferredTls {
    private DeferredTls() {}

    /** To be called before anything asks for the default context. Loads nothing of the JDK's TLS yet. */
    static void install() {
        SSLContext.setDefault(new Context(new Deferred(), new Nothing()));
    }

    /** {@link SSLContext}'s constructor is for its subclasses. */
    private static final class Context extends SSLContext {
        Context(SSLContextSpi spi, Provider provider) {
            super(spi, provider, "TLS");
        }
    }

    /** Offers no algorithm; a context must name the provider that made it. */
    private static final class Nothing extends Provider {
        private static final long serialVersionUID = 1L;

        Nothing() {
            super("MillraceDeferredTls", "1", "the JDK's default TLS context, made when it is used");
        }
    }

    /** Answers for a context that knows nobody, and connects with the JDK's default one. Each is made when it is needed. */
    private static final class Deferred extends SSLContextSpi {
        private @Nullable SSLContext bare;
        private @Nullable SSLContext real;

        private synchronized SSLContext bare() {
            SSLContext context = bare;
            if (context == null) {
                try {
                    context = SSLContext.getInstance("TLS");
                    context.init(new KeyManager[0], new TrustManager[0], null);
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException("The JDK has no TLS: check its security providers", e);
                }
                bare = context;
            }
            return context;
        }

        private synchronized SSLContext real() {
            SSLContext context = real;
            if (context == null) {
                try {
                    context = SSLContext.getInstance("Default");
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException("The JDK has no default TLS context: check javax.net.ssl.*", e);
                }
                real = context;
            }
            return context;
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return bare().getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return bare().getSupportedSSLParameters();
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("The default context is initialised already");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return real().getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return new DeferredFactory(bare().getServerSocketFactory(), () -> real().getServerSocketFactory());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return real().createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return real().createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return real().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return real().getClientSessionContext();
        }
    }

    /** Names its cipher suites at once; makes sockets with the JDK's default context. Safe for any thread. */
    private static final class DeferredFactory extends SSLServerSocketFactory {
        private final SSLServerSocketFactory bare;
        private final Supplier<SSLServerSocketFactory> real;

        DeferredFactory(SSLServerSocketFactory bare, Supplier<SSLServerSocketFactory> real) {
            this.bare = bare;
            this.real = real;
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return bare.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return bare.getSupportedCipherSuites();
        }

        @Override
        public ServerSocket createServerSocket() throws IOException {
            return real.get().createServerSocket();
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return real.get().createServerSocket(port);
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return real.get().createServerSocket(port, backlog);
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
            return real.get().createServerSocket(port, backlog, address);
        }
    }
}
