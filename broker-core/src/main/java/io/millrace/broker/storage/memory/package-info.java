// SPDX-License-Identifier: Apache-2.0
/** Logs in memory, bounded, for what need not outlive the broker: temporary destinations. */
@NullMarked
package io.millrace.broker.storage.memory;

import org.jspecify.annotations.NullMarked;
