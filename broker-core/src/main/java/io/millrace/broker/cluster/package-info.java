// SPDX-License-Identifier: Apache-2.0
/** The membership and metadata SPI. */
@NullMarked
package io.millrace.broker.cluster;

import org.jspecify.annotations.NullMarked;
