// SPDX-License-Identifier: Apache-2.0
/** Foreign software as child processes: a real Kafka broker and Kafka's own tools. For tests and benchmarks only. */
@NullMarked
package io.millrace.peers;

import org.jspecify.annotations.NullMarked;
