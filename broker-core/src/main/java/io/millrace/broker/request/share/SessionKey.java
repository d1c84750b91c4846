// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

/** Whose share session it is. */
record SessionKey(String groupId, String memberId) {}
