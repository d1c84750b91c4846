// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/** A request did not reach its group, or its records were not made durable; nothing of it took effect for its caller. */
public final class GroupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final GroupError error;

    public GroupException(GroupError error, String message) {
        super(message);
        this.error = error;
    }

    public GroupError error() {
        return error;
    }
}
