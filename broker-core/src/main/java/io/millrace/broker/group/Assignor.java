// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;

/** Shares partitions out among members (a server-side assignor of KIP-848). Stateless; safe for any thread. */
interface Assignor {

    /** The name that clients give in {@code group.remote.assignor}. */
    String name();

    /**
     * What each member shall have: each partition of a topic somebody subscribes to goes to exactly one of its
     * subscribers.
     *
     * @param members all members by id
     */
    Map<String, PartitionSet> assign(SortedMap<String, Subscriber> members);

    /**
     * A member, as an assignor sees it.
     *
     * @param order sorts members: the instance id where there is one, else the member id
     * @param topics partition counts of the topics it subscribes to, by topic id
     * @param before what it should have until now
     */
    record Subscriber(String order, Map<UUID, Integer> topics, PartitionSet before) {}
}
