// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.DestinationKind;
import jakarta.jms.Queue;

/** A queue, by the name of the log that holds it. */
public sealed class MillraceQueue extends MillraceDestination implements Queue permits MillraceTemporaryQueue {
    private static final long serialVersionUID = 1L;

    /** A queue to be named by {@link #setName}. */
    public MillraceQueue() {
        this("");
    }

    public MillraceQueue(String name) {
        super(name);
    }

    @Override
    DestinationKind kind() {
        return DestinationKind.QUEUE;
    }

    @Override
    public String getQueueName() {
        return getName();
    }
}
