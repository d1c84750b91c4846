// SPDX-License-Identifier: Apache-2.0
/** What this machine is and what it could do at best: syncs, sequential writes, loopback copies. */
@NullMarked
package io.millrace.benchmarks.machine;

import org.jspecify.annotations.NullMarked;
