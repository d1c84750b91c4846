// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

/** The contract on Payara Server. */
class PayaraServerIT extends ServerContract {
    PayaraServerIT() {
        super(environment -> new GlassFish(GlassFish.Product.PAYARA, environment));
    }
}
