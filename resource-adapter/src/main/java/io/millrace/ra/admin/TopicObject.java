// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.admin;

import jakarta.jms.Topic;
import java.io.Serial;

/** A topic as an administered object; servers set {@code name} or {@code destinationName}. */
public final class TopicObject extends NamedDestination implements Topic {
    @Serial
    private static final long serialVersionUID = 1L;

    @Override
    public String getTopicName() {
        return requireName();
    }

    @Override
    public String toString() {
        return "topic://" + getName();
    }
}
