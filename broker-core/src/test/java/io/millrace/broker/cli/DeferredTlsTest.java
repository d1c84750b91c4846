// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeferredTlsTest {
    private SSLContext before;

    @BeforeEach
    void install() throws Exception {
        before = SSLContext.getDefault();
        DeferredTls.install();
    }

    @AfterEach
    void restore() {
        SSLContext.setDefault(before);
    }

    @Test
    void answersAsTheJdksOwnContext() throws Exception {
        SSLContext deferred = SSLContext.getDefault();
        assertTrue(deferred != before);
        assertArrayEquals(
                before.getSupportedSSLParameters().getProtocols(),
                deferred.getSupportedSSLParameters().getProtocols());
        assertArrayEquals(
                before.getDefaultSSLParameters().getProtocols(),
                deferred.getDefaultSSLParameters().getProtocols());
        assertArrayEquals(
                before.getServerSocketFactory().getDefaultCipherSuites(),
                ((SSLServerSocketFactory) SSLServerSocketFactory.getDefault()).getDefaultCipherSuites());
    }

    @Test
    void makesEnginesAndSocketsThatTrustWhomTheJdkTrusts() throws Exception {
        // Given
        SSLContext deferred = SSLContext.getDefault();
        // When
        String engine = deferred.createSSLEngine().getClass().getName();
        // Then: not the context that trusts nobody, but the JDK's default
        assertEquals(before.createSSLEngine().getClass().getName(), engine);
        try (SSLSocket socket = (SSLSocket) deferred.getSocketFactory().createSocket();
                SSLServerSocket server =
                        (SSLServerSocket) deferred.getServerSocketFactory().createServerSocket(0)) {
            assertTrue(socket.getSupportedProtocols().length > 0);
            assertTrue(server.getLocalPort() > 0);
        }
    }
}
