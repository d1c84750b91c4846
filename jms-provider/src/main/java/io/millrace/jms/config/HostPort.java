// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.config;

/**
 * An address.
 *
 * @param host a name or a literal address, IPv6 without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {

    /** {@code host:port}, an IPv6 address in brackets. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
