// SPDX-License-Identifier: Apache-2.0
/** What the API objects need from the wire: links to brokers, asynchronous. */
@NullMarked
package io.millrace.jms.provider;

import org.jspecify.annotations.NullMarked;
