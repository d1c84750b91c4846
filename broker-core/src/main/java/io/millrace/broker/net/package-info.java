// SPDX-License-Identifier: Apache-2.0
/** Netty: framing, connections, answers in order. */
@NullMarked
package io.millrace.broker.net;

import org.jspecify.annotations.NullMarked;
