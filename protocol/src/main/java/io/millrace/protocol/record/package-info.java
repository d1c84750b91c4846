// SPDX-License-Identifier: Apache-2.0
/** The v2 record batch: header view, reader and builder. Own code: batches are what the log and the client are made of. */
@NullMarked
package io.millrace.protocol.record;

import org.jspecify.annotations.NullMarked;
