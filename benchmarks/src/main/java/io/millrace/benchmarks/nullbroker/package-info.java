// SPDX-License-Identifier: Apache-2.0
/** A server that speaks enough of the protocol and stores nothing: the ceiling for any broker on this stack. */
@NullMarked
package io.millrace.benchmarks.nullbroker;

import org.jspecify.annotations.NullMarked;
