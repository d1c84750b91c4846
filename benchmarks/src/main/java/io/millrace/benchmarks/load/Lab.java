// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peers;
import io.millrace.benchmarks.report.Report;

/**
 * What a load works with.
 *
 * @param peers makes the servers
 * @param scale how long and how much
 * @param report takes the figures
 */
public record Lab(Peers peers, Scale scale, Report report) {}
