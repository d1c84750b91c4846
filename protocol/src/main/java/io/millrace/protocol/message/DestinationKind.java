// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/** The one JMS kind of a log, fixed at its first JMS use (design: a log is a queue or a topic, never both). */
public enum DestinationKind {
    QUEUE,
    TOPIC
}
