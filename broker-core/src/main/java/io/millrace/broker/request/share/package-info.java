// SPDX-License-Identifier: Apache-2.0
/** Handlers of KIP-932's data and offset APIs: share sessions, and from Kafka's messages to the share groups. */
@NullMarked
package io.millrace.broker.request.share;

import org.jspecify.annotations.NullMarked;
