// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.config.HostPort;
import io.millrace.jms.provider.ProviderException;
import java.util.List;

/** Where to look for brokers; may block. */
public interface BrokerSource {
    List<HostPort> brokers() throws ProviderException;

    /** Whether {@link #brokers} waits for something, so that it is not for a link's thread. */
    default boolean blocks() {
        return false;
    }
}
