// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

/**
 * Who a client is.
 *
 * @param name the user's name
 */
public record Principal(String name) {
    /** Everybody on a listener without authentication. */
    public static final Principal ANONYMOUS = new Principal("ANONYMOUS");

    /** As access rules and {@code super.users} write it: {@code User:name}. */
    @Override
    public String toString() {
        return "User:" + name;
    }
}
