// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import org.apache.kafka.common.TopicPartition;

/** One thing that a client did or was told. What a client was told is recorded after the fact, what it did before. */
sealed interface Event {
    /** The offset of an acknowledgement that names none. */
    long UNKNOWN = -1;

    /** The {@code position}-th record of a sender to a partition was handed to the client. */
    record Sent(Sender by, TopicPartition to, int position) implements Event {}

    record Acknowledged(Sender by, TopicPartition to, int position, long offset) implements Event {}

    /** The client gave up on a record; it may be in the log all the same. */
    record Failed(Sender by, TopicPartition to, int position, String why) implements Event {}

    /** A reader got a record. */
    record Seen(String reader, TopicPartition in, Found record) implements Event {}

    /** @param askedAt length of the history when the question was asked: what is behind may not be in the answer */
    record EndSeen(TopicPartition of, long end, int askedAt) implements Event {}

    record CommitSent(String group, TopicPartition of, long offset) implements Event {}

    record CommitAcknowledged(String group, TopicPartition of, long offset) implements Event {}

    /** @param askedAt as for {@link EndSeen} */
    record CommitSeen(String group, TopicPartition of, long offset, int askedAt) implements Event {}
}
