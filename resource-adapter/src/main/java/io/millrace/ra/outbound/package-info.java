// SPDX-License-Identifier: Apache-2.0
/** Connections for applications: pooled, with local transactions (Jakarta Connectors 2.1, chapters 6 and 7). */
@NullMarked
package io.millrace.ra.outbound;

import org.jspecify.annotations.NullMarked;
