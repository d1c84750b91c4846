// SPDX-License-Identifier: Apache-2.0
/** The Jakarta Messaging 3.1 API of Millrace: factory, destinations, and the connection, session, producer and consumer objects behind the jakarta.jms interfaces. */
@NullMarked
package io.millrace.jms;

import org.jspecify.annotations.NullMarked;
