// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

/** The servers of a comparison, as the tables call them. */
public enum PeerKind {
    MILLRACE_COMMIT("Millrace flush=commit"),
    MILLRACE_OS("Millrace flush=os"),
    KAFKA("Kafka default"),
    KAFKA_SYNC("Kafka flush.messages=1"),
    NULL_BROKER("null broker"),
    ARTEMIS("Artemis"),
    OPENMQ("OpenMQ");

    private final String title;

    PeerKind(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    public boolean isMillrace() {
        return this == MILLRACE_COMMIT || this == MILLRACE_OS;
    }
}
