// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A registered broker.
 *
 * @param id the broker id, unique in the cluster, 0 or above
 * @param incarnation fresh at each start
 * @param host what clients connect to
 * @param port what clients connect to
 * @param rack where it stands, or {@code null}
 */
public record BrokerInfo(
        int id,
        UUID incarnation,
        String host,
        int port,
        @Nullable String rack) {}
