// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import io.millrace.jms.discovery.ZooKeeperBrokers;
import io.millrace.jms.provider.Provider;
import io.millrace.jms.provider.ProviderException;
import io.millrace.jms.wire.BrokerSource;
import io.millrace.jms.wire.NettyProvider;
import jakarta.jms.JMSException;

/** Makes a provider for a URL. */
final class Connecting {
    private Connecting() {}

    static Provider connect(ConnectionUrl url, ConnectionOptions options, Provider.Listener listener)
            throws JMSException {
        String what = "Connecting to " + url.hosts();
        try {
            return NettyProvider.connect(source(url, options), options, listener);
        } catch (ProviderException e) {
            throw JmsErrors.ofConnecting(e, what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.withCause(new JMSException(what + " was interrupted.", "MILLRACE_INTERRUPTED"), e);
        }
    }

    /** Curator's classes are loaded only here, only for a ZooKeeper URL. */
    private static BrokerSource source(ConnectionUrl url, ConnectionOptions options) {
        return switch (url.scheme()) {
            case BROKERS -> url::hosts;
            case ZOOKEEPER -> new ZooKeeperBrokers(url.hosts(), url.chroot(), options.connectTimeoutMs());
        };
    }
}
