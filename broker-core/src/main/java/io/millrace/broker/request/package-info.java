// SPDX-License-Identifier: Apache-2.0
/** One handler for each request; the only broker package that sees Kafka's generated messages. */
@NullMarked
package io.millrace.broker.request;

import org.jspecify.annotations.NullMarked;
