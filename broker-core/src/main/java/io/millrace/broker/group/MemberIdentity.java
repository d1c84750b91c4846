// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import org.jspecify.annotations.Nullable;

/**
 * Who a request says it is from.
 *
 * @param memberId the member id; empty in a commit from outside the group, or when a static member is removed by its
 *     instance id alone
 * @param instanceId the {@code group.instance.id}, or {@code null}
 */
public record MemberIdentity(String memberId, @Nullable String instanceId) {}
