// SPDX-License-Identifier: Apache-2.0
/** Medians, spreads, ratios, and the table they end in. */
@NullMarked
package io.millrace.benchmarks.report;

import org.jspecify.annotations.NullMarked;
