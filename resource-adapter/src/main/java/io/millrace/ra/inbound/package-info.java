// SPDX-License-Identifier: Apache-2.0
/** Message-driven beans: activation, delivery and reconnection (Jakarta Connectors 2.1, chapters 12 and 13). */
@NullMarked
package io.millrace.ra.inbound;

import org.jspecify.annotations.NullMarked;
