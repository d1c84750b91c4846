// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian.app;

/** JNDI names of the application under test. */
final class Resources {
    static final String CONNECTION_FACTORY = "java:app/jms/cf";
    static final String XA_CONNECTION_FACTORY = "java:app/jms/xa";
    /** Its pool takes part in no transaction. */
    static final String UNENLISTED_CONNECTION_FACTORY = "java:app/jms/unenlisted";

    static final String QUEUE = "java:app/jms/work";

    private Resources() {}
}
