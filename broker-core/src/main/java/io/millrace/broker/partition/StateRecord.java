// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;

/**
 * One record for a {@link StateMachine}.
 *
 * @param tag the machine
 * @param payload its bytes; owned by this record until it is appended
 */
public record StateRecord(byte tag, ByteBuf payload) {}
