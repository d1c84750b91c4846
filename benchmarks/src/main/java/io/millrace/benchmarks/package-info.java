// SPDX-License-Identifier: Apache-2.0
/** Side-by-side loads against the peers, and micro-benchmarks: the command line. */
@NullMarked
package io.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
