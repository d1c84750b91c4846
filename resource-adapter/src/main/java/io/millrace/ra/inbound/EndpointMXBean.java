// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import org.jspecify.annotations.Nullable;

/**
 * A deployed message-driven bean, for operators:
 * {@code io.millrace:type=Endpoint,name="ACTIVATION",destination="DESTINATION",instance=N}. Registered while it is
 * deployed; N tells beans of one name apart. Safe for any thread.
 */
public interface EndpointMXBean {
    /**
     * What it does: {@code CONNECTING}, {@code RUNNING}, {@code PAUSED}, {@code WAITING} (to connect again, after the
     * broker was not reached or the server had no endpoint) or {@code STOPPED}.
     */
    String getState();

    /** The queue or topic. */
    String getDestination();

    /** The broker's URL. */
    String getBroker();

    /** How many sessions are open now. */
    int getSessions();

    /** How many of them have a delivery running. */
    int getBusySessions();

    /** How many sessions there are however small the backlog is. */
    int getMinSessions();

    /** How many sessions there are at most. */
    int getMaxSessions();

    /** Deliveries that the bean has processed, since the deployment. */
    long getDelivered();

    /** Deliveries that threw or were rolled back, since the deployment. */
    long getRolledBack();

    /** Why the last delivery or connection failed; {@code null} when none has. */
    @Nullable
    String getLastFailure();

    /** When that was, as ISO 8601 writes it; {@code null} when none has. */
    @Nullable
    String getLastFailureTime();

    /**
     * Starts no more deliveries, until {@link #resume}, a new deployment or a restart of the server; returns once the
     * running ones have ended. What sessions have buffered goes back to the broker. Subscriptions stay, so that nothing
     * is lost.
     */
    void pause();

    /** Delivers again. */
    void resume();
}
