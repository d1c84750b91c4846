// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.jms.OutgoingRecord;

/**
 * A record on its way to a partition.
 *
 * @param link to the partition's leader
 * @param topic the log
 * @param partition the partition index
 * @param record what is sent
 */
record Outgoing(BrokerLink link, String topic, int partition, OutgoingRecord record) {}
