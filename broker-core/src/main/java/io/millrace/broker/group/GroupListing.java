// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/**
 * A group in a list of groups.
 *
 * @param groupId the group
 * @param protocolType its kind; empty for one that only holds offsets
 * @param state its state by Kafka's name
 */
public record GroupListing(String groupId, String protocolType, String state) {}
