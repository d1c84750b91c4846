// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the brokers are and with which options to connect.
 *
 * <pre>
 * millrace://host[:port][,host[:port]...][?option=value[&amp;option=value...]]
 * millrace+zk://host[:port][,host[:port]...][/chroot][?option=value...]
 * </pre>
 *
 * The port is 9092 for a broker and 2181 for ZooKeeper when it is left out; an IPv6 address stands in brackets.
 *
 * @param scheme which kind of server the hosts are
 * @param hosts at least one
 * @param chroot the ZooKeeper path under which the cluster lives, "" for the root
 * @param options by name, decoded, in the order of the URL
 */
public record ConnectionUrl(Scheme scheme, List<HostPort> hosts, String chroot, Map<String, String> options) {

    /** What the hosts of a URL are. */
    public enum Scheme {
        BROKERS("millrace://", 9092),
        ZOOKEEPER("millrace+zk://", 2181);

        private final String prefix;
        private final int defaultPort;

        Scheme(String prefix, int defaultPort) {
            this.prefix = prefix;
            this.defaultPort = defaultPort;
        }
    }

    public static ConnectionUrl parse(String url) throws BadUrlException {
        Scheme scheme = schemeOf(url);
        String rest = url.substring(scheme.prefix.length());
        int query = rest.indexOf('?');
        String location = query < 0 ? rest : rest.substring(0, query);
        int slash = location.indexOf('/');
        String authority = slash < 0 ? location : location.substring(0, slash);
        String path = slash < 0 ? "" : location.substring(slash).replaceAll("/+$", "");
        if (scheme == Scheme.BROKERS && !path.isEmpty()) {
            throw new BadUrlException(url, "a path (\"" + path + "\") belongs to millrace+zk:// only");
        }
        List<HostPort> hosts = new ArrayList<>();
        for (String host : authority.split(",", -1)) {
            hosts.add(host(url, host.trim(), scheme.defaultPort));
        }
        Map<String, String> options = query < 0 ? Map.of() : options(url, rest.substring(query + 1));
        return new ConnectionUrl(scheme, List.copyOf(hosts), path, options);
    }

    private static Scheme schemeOf(String url) throws BadUrlException {
        for (Scheme scheme : Scheme.values()) {
            if (url.startsWith(scheme.prefix)) {
                return scheme;
            }
        }
        throw new BadUrlException(url, "it must start with millrace:// or millrace+zk://");
    }

    private static HostPort host(String url, String text, int defaultPort) throws BadUrlException {
        if (text.isEmpty()) {
            throw new BadUrlException(url, "a host is empty");
        }
        int hostEnd = text.startsWith("[") ? text.indexOf(']') + 1 : text.indexOf(':');
        if (text.startsWith("[") && hostEnd == 0) {
            throw new BadUrlException(url, "the bracket of \"" + text + "\" is not closed");
        }
        String host = hostEnd < 0 ? text : text.substring(0, hostEnd);
        String port = hostEnd < 0 ? "" : text.substring(hostEnd);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty()) {
            throw new BadUrlException(url, "the host of \"" + text + "\" is empty");
        }
        return new HostPort(host, port.isEmpty() ? defaultPort : port(url, text, port));
    }

    private static int port(String url, String text, String colonAndPort) throws BadUrlException {
        if (!colonAndPort.matches(":\\d{1,5}")) {
            throw new BadUrlException(url, "the port of \"" + text + "\" is not a number");
        }
        int port = Integer.parseInt(colonAndPort.substring(1));
        if (port < 1 || port > 65_535) {
            throw new BadUrlException(url, "the port of \"" + text + "\" is not within 1 to 65535");
        }
        return port;
    }

    private static Map<String, String> options(String url, String query) throws BadUrlException {
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new BadUrlException(url, "the option \"" + pair + "\" is not of the form name=value");
            }
            String name = pair.substring(0, equals);
            if (options.put(name, decoded(url, name, pair.substring(equals + 1))) != null) {
                throw new BadUrlException(url, "the option \"" + name + "\" stands there twice");
            }
        }
        return Map.copyOf(options);
    }

    private static String decoded(String url, String name, String value) throws BadUrlException {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            BadUrlException bad = new BadUrlException(url, "the value of \"" + name + "\" is not URL-encoded");
            bad.initCause(e);
            throw bad;
        }
    }
}
