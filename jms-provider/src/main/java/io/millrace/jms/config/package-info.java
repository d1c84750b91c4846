// SPDX-License-Identifier: Apache-2.0
/** How a connection is addressed and set up: the URL and its options. */
@NullMarked
package io.millrace.jms.config;

import org.jspecify.annotations.NullMarked;
