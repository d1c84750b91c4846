// SPDX-License-Identifier: Apache-2.0
/** Millrace's own requests and answers, spoken by its JMS client on the same port as the Kafka protocol. */
@NullMarked
package io.millrace.protocol.message;

import org.jspecify.annotations.NullMarked;
