// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import javax.naming.InitialContext;
import javax.naming.NamingException;

/** The server's names. The one place that looks them up. */
final class Jndi {
    private Jndi() {}

    /**
     * The check warns of names that a peer chose; these come from the application's deployer, whose code the server runs
     * anyway, and Jakarta Messaging 3.1, section 13.1, demands the look-up.
     */
    @SuppressWarnings("BanJNDI")
    static Object lookup(String name) throws NamingException {
        return InitialContext.doLookup(name);
    }
}
