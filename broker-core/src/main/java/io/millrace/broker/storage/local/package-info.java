// SPDX-License-Identifier: Apache-2.0
/** Segment files behind one journal per data directory. */
@NullMarked
package io.millrace.broker.storage.local;

import org.jspecify.annotations.NullMarked;
