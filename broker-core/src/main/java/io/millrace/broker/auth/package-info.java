// SPDX-License-Identifier: Apache-2.0
/** Who a client is: principals, credentials, the state of a connection's authentication. */
@NullMarked
package io.millrace.broker.auth;

import org.jspecify.annotations.NullMarked;
