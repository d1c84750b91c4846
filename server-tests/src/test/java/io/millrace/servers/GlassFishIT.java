// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

/** The contract on GlassFish. */
class GlassFishIT extends ServerContract {
    GlassFishIT() {
        super(environment -> new GlassFish(GlassFish.Product.GLASSFISH, environment));
    }
}
