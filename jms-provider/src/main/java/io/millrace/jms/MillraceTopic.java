// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.DestinationKind;
import jakarta.jms.Topic;

/** A topic, by the name of the log that holds it. */
public sealed class MillraceTopic extends MillraceDestination implements Topic permits MillraceTemporaryTopic {
    private static final long serialVersionUID = 1L;

    /** A topic to be named by {@link #setName}. */
    public MillraceTopic() {
        this("");
    }

    public MillraceTopic(String name) {
        super(name);
    }

    @Override
    DestinationKind kind() {
        return DestinationKind.TOPIC;
    }

    @Override
    public String getTopicName() {
        return getName();
    }
}
