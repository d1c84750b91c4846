// SPDX-License-Identifier: Apache-2.0
/** The wire: Netty connections to brokers, multiplexed. */
@NullMarked
package io.millrace.jms.wire;

import org.jspecify.annotations.NullMarked;
