// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

/** The contract on WildFly. */
class WildFlyIT extends ServerContract {
    WildFlyIT() {
        super(WildFly::new);
    }
}
