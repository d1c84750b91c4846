// SPDX-License-Identifier: Apache-2.0
/** The servers that are compared, each a process of its own. */
@NullMarked
package io.millrace.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
