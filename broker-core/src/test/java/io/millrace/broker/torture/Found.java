// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

/**
 * A record as it was read.
 *
 * @param sender number of the sender that its value names
 * @param position its position among that sender's records to the partition
 * @param sound whether its value is, byte for byte, the one that this sender gave it
 */
record Found(long offset, int sender, int position, boolean sound) {}
