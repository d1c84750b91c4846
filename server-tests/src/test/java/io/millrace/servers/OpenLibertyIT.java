// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

/** The contract on Open Liberty. */
class OpenLibertyIT extends ServerContract {
    OpenLibertyIT() {
        super(OpenLiberty::new);
    }
}
