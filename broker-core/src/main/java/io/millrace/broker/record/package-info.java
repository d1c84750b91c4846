// SPDX-License-Identifier: Apache-2.0
/** What the broker checks and writes in a record batch when it appends. */
@NullMarked
package io.millrace.broker.record;

import org.jspecify.annotations.NullMarked;
