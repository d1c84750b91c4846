// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.peer.Peers;
import io.millrace.benchmarks.report.Report;
import java.util.List;
import java.util.Set;

/**
 * What a load works with.
 *
 * @param peers makes the servers
 * @param scale how long and how much
 * @param report takes the figures
 * @param without servers that are left out
 */
public record Lab(Peers peers, Scale scale, Report report, Set<PeerKind> without) {
    /** Those of a load's servers that take part. */
    List<PeerKind> taking(List<PeerKind> kinds) {
        return kinds.stream().filter(kind -> !without.contains(kind)).toList();
    }
}
