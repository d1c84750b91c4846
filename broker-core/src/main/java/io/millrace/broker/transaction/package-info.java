// SPDX-License-Identifier: Apache-2.0
/** The coordinator of Kafka producers' transactions (KIP-98, KIP-890); docs/decisions/0018-kafka-transactions.md. */
@NullMarked
package io.millrace.broker.transaction;

import org.jspecify.annotations.NullMarked;
