// SPDX-License-Identifier: Apache-2.0
/** SASL: the PLAIN token (RFC 4616) and both sides of SCRAM (RFC 5802, RFC 7677), as Kafka's listeners speak them. */
@NullMarked
package io.millrace.protocol.sasl;

import org.jspecify.annotations.NullMarked;
