// SPDX-License-Identifier: Apache-2.0
/** Handlers of the classic consumer group APIs: from Kafka's messages to the group coordinator and back. */
@NullMarked
package io.millrace.broker.request.group;

import org.jspecify.annotations.NullMarked;
