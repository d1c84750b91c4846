// SPDX-License-Identifier: Apache-2.0
/**
 * An order service: orders come over HTTP, message-driven beans take the payment and ship, a topic tells their status.
 *
 * <p>Pattern: database and broker in one XA transaction. What a method or a bean writes, receives and sends happens
 * altogether or not at all, whatever is killed in between: no outbox, no clean-up job, no guard against duplicates.
 */
@NullMarked
package io.millrace.sample;

import org.jspecify.annotations.NullMarked;
