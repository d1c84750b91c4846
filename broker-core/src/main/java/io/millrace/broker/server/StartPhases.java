// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says at debug level how long each phase of a start took. On the starting thread only. */
final class StartPhases {
    private static final Logger LOG = LoggerFactory.getLogger(StartPhases.class);

    private long lastNanos = System.nanoTime();

    void done(String phase) {
        long now = System.nanoTime();
        LOG.debug("Start: {} took {} ms", phase, (now - lastNanos) / 1_000_000);
        lastNanos = now;
    }
}
