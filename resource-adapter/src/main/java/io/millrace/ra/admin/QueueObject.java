// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.admin;

import jakarta.jms.Queue;
import java.io.Serial;

/** A queue as an administered object; servers set {@code name} or {@code destinationName}. */
public final class QueueObject extends NamedDestination implements Queue {
    @Serial
    private static final long serialVersionUID = 1L;

    @Override
    public String getQueueName() {
        return requireName();
    }

    @Override
    public String toString() {
        return "queue://" + getName();
    }
}
