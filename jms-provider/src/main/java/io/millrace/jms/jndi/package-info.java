// SPDX-License-Identifier: Apache-2.0
/** A JNDI context for applications outside of a server: its names are properties, its objects those of {@code io.millrace.jms}. */
@NullMarked
package io.millrace.jms.jndi;

import org.jspecify.annotations.NullMarked;
