// SPDX-License-Identifier: Apache-2.0
/** Puts the broker together; the only package that names implementations. */
@NullMarked
package io.millrace.broker.server;

import org.jspecify.annotations.NullMarked;
