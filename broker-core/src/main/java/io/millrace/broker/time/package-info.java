// SPDX-License-Identifier: Apache-2.0
/** Clock and timers: time is injected, nothing sleeps. */
@NullMarked
package io.millrace.broker.time;

import org.jspecify.annotations.NullMarked;
