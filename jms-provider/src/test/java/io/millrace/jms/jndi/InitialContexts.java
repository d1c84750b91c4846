// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import java.util.Properties;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Initial contexts as an application makes them. */
final class InitialContexts {
    private InitialContexts() {}

    /** Properties, alternately name and value, with the one that names Millrace's factory. */
    static Properties properties(String... namesAndValues) {
        Properties properties = new Properties();
        properties.put(Context.INITIAL_CONTEXT_FACTORY, "io.millrace.jms.jndi.MillraceInitialContextFactory");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return properties;
    }

    static Context with(String... namesAndValues) throws NamingException {
        return new InitialContext(properties(namesAndValues));
    }
}
