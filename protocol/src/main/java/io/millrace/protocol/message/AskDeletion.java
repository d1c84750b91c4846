// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.UUID;

/**
 * One broker asks another whether a topic may be deleted. Answered by a {@link PlainResponse}: OK, or
 * {@code WRONG_BRANCH_STATE} with the reason when a transaction needs the topic. Needs no {@link Connect}.
 *
 * @param topicId the topic
 */
public record AskDeletion(UUID topicId) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.ASK_DELETION;
    }
}
