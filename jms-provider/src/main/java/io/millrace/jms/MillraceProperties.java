// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

/**
 * The properties that this provider sets on received messages (Jakarta Messaging 3.1, section 3.5.9:
 * {@code JMS_<vendor_name>}). They say where the record lies in the log, so that any Kafka client finds it there; a
 * message that is sent on does not carry them.
 */
public final class MillraceProperties {
    /** The partition that the message was received from, an {@code int} from 0. */
    public static final String PARTITION = "JMS_Millrace_Partition";

    /** The record's offset in that partition, a {@code long} from 0. */
    public static final String OFFSET = "JMS_Millrace_Offset";

    private MillraceProperties() {}

    static boolean isOne(String name) {
        return name.equals(PARTITION) || name.equals(OFFSET);
    }
}
