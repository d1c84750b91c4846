// SPDX-License-Identifier: Apache-2.0
/** The mapping between a Jakarta Messaging message and a log record (docs/interop.md). */
@NullMarked
package io.millrace.protocol.jms;

import org.jspecify.annotations.NullMarked;
