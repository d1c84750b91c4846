// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import java.util.UUID;

/**
 * How a broker reaches its ZooKeeper.
 *
 * @param connect {@code host:port[,host:port...][/chroot]}
 * @param sessionTimeoutMs milliseconds after which ZooKeeper takes a silent broker for dead
 * @param connectionTimeoutMs milliseconds to wait for the first connection
 * @param directoryId the id of the broker's data directory, whose lock the caller holds: a registration with the same
 *     id can only be of a predecessor that is gone
 */
public record ZooKeeperSettings(String connect, int sessionTimeoutMs, int connectionTimeoutMs, UUID directoryId) {

    /** As the broker is configured, but for the address, which may be that of the ZooKeeper inside it. */
    public static ZooKeeperSettings of(BrokerConfig config, String connect, UUID directoryId) {
        return new ZooKeeperSettings(
                connect,
                config.get(BrokerConfigKeys.ZOOKEEPER_SESSION_TIMEOUT_MS),
                config.get(BrokerConfigKeys.ZOOKEEPER_CONNECTION_TIMEOUT_MS),
                directoryId);
    }

    /** The part of {@link #connect} that names servers. */
    String servers() {
        int slash = connect.indexOf('/');
        return slash < 0 ? connect : connect.substring(0, slash);
    }

    /** The chroot without leading slash, empty for none. */
    String chroot() {
        int slash = connect.indexOf('/');
        return slash < 0 ? "" : connect.substring(slash + 1);
    }
}
