// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.record.RecordHeader;

/**
 * A record on its way to a partition.
 *
 * @param link to the partition's leader
 * @param topic the log
 * @param partition the partition index
 * @param record what is sent
 */
record Outgoing(BrokerLink link, String topic, int partition, OutgoingRecord record) {

    /** About what it takes in memory, bytes. */
    long size() {
        byte[] key = record.key();
        byte[] value = record.value();
        long size = key == null ? 0 : key.length;
        size += value == null ? 0 : value.length;
        for (RecordHeader header : record.headers()) {
            byte[] content = header.value();
            size += header.key().length() + (content == null ? 0 : content.length);
        }
        return size;
    }
}
