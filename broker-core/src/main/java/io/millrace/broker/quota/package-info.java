// SPDX-License-Identifier: Apache-2.0
/** How much a client may ask of the broker (KIP-13, KIP-124, KIP-257). */
@NullMarked
package io.millrace.broker.quota;

import org.jspecify.annotations.NullMarked;
