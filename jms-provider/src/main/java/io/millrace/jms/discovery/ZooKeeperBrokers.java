// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.discovery;

import io.millrace.jms.config.HostPort;
import io.millrace.jms.provider.ProviderException;
import io.millrace.jms.wire.BrokerSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;

/**
 * Reads the brokers registered under {@code /brokers/ids}, in random order, with a ZooKeeper session that lasts as long
 * as the reading. Each node holds a flat JSON object with {@code host} and {@code port}.
 */
public final class ZooKeeperBrokers implements BrokerSource {
    private static final String IDS = "/brokers/ids";
    private static final int MAX_NODE_BYTES = 64 << 10;
    private static final Pattern HOST = Pattern.compile("\"host\"\\s*:\\s*\"([^\"\\\\]{1,255})\"");
    private static final Pattern PORT = Pattern.compile("\"port\"\\s*:\\s*(\\d{1,5})");

    private final List<HostPort> servers;
    private final String chroot;
    private final int timeoutMs;

    /** @param timeoutMs until ZooKeeper must be reached, milliseconds */
    public ZooKeeperBrokers(List<HostPort> servers, String chroot, int timeoutMs) {
        this.servers = servers;
        this.chroot = chroot;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public List<HostPort> brokers() throws ProviderException {
        String connect = servers.stream().map(HostPort::toString).collect(Collectors.joining(",")) + chroot;
        try (CuratorFramework zooKeeper = CuratorFrameworkFactory.builder()
                .connectString(connect)
                .connectionTimeoutMs(timeoutMs)
                .sessionTimeoutMs(Math.max(timeoutMs, 6_000))
                .retryPolicy(new RetryOneTime(100))
                .build()) {
            zooKeeper.start();
            if (!zooKeeper.blockUntilConnected(timeoutMs, TimeUnit.MILLISECONDS)) {
                throw ProviderException.unreachable(
                        "ZooKeeper at " + connect + " did not answer within " + timeoutMs + " ms", null);
            }
            List<HostPort> found = read(zooKeeper);
            if (found.isEmpty()) {
                throw ProviderException.unreachable(
                        "No broker is registered under " + IDS + " of ZooKeeper at " + connect, null);
            }
            return found;
        } catch (ProviderException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProviderException.unreachable(
                    "Looking for brokers in ZooKeeper at " + connect + " was interrupted", e);
        } catch (Exception e) {
            throw ProviderException.unreachable(
                    "Cannot read the brokers from ZooKeeper at " + connect + ": " + e.getMessage(), e);
        }
    }

    @Override
    public boolean blocks() {
        return true;
    }

    private static List<HostPort> read(CuratorFramework zooKeeper) throws Exception {
        List<HostPort> found = new ArrayList<>();
        if (zooKeeper.checkExists().forPath(IDS) == null) {
            return found;
        }
        for (String id : zooKeeper.getChildren().forPath(IDS)) {
            byte[] json = zooKeeper.getData().forPath(IDS + "/" + id);
            found.add(parse(id, json));
        }
        Collections.shuffle(found);
        return found;
    }

    static HostPort parse(String id, byte[] json) throws ProviderException {
        String text = json == null || json.length > MAX_NODE_BYTES ? "" : new String(json, StandardCharsets.UTF_8);
        Matcher host = HOST.matcher(text);
        Matcher port = PORT.matcher(text);
        if (!host.find() || !port.find()) {
            throw ProviderException.unreachable("The registration of broker " + id + " names no host and port", null);
        }
        return new HostPort(host.group(1), Integer.parseInt(port.group(1)));
    }
}
