// SPDX-License-Identifier: Apache-2.0
/** The Kafka codec: frames, headers and message bodies over Netty buffers. Nothing outside this module touches the internals of kafka-clients. */
@NullMarked
package io.millrace.protocol.kafka;

import org.jspecify.annotations.NullMarked;
