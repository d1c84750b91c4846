// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import java.net.URI;

/**
 * A server with its own copy of everything that it writes, so that tests never see one another's. Its ports and what is
 * deployed outlive a kill. One thread at a time.
 */
interface AppServer extends AutoCloseable {
    /** Name and version. */
    String name();

    /** Starts the process; blocks until it takes requests. */
    void start();

    /** Deploys the adapter and the application; blocks until the server says that they are. */
    void deploy();

    /** Blocks until the application is gone. */
    void undeploy();

    /** SIGKILL; blocks until the process is gone. */
    void kill();

    /** Where the application is. */
    URI application();

    /** The process's output, for messages. */
    String log();

    @Override
    void close();
}
