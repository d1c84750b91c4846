// SPDX-License-Identifier: Apache-2.0
/** A partition and the one loop that owns it: append, high watermark, producer state, state machines. */
@NullMarked
package io.millrace.broker.partition;

import org.jspecify.annotations.NullMarked;
