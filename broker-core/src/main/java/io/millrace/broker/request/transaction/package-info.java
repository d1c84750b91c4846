// SPDX-License-Identifier: Apache-2.0
/** The handlers of the transaction APIs. */
@NullMarked
package io.millrace.broker.request.transaction;

import org.jspecify.annotations.NullMarked;
