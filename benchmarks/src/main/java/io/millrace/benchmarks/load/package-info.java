// SPDX-License-Identifier: Apache-2.0
/** The loads, each by stock Kafka clients in the process of the harness. */
@NullMarked
package io.millrace.benchmarks.load;

import org.jspecify.annotations.NullMarked;
