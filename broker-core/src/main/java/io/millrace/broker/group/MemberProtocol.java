// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/**
 * A way to share the work (an assignor) that a member can follow.
 *
 * @param name the assignor's name
 * @param metadata the member's subscription for it
 */
public record MemberProtocol(String name, OpaqueBytes metadata) {}
