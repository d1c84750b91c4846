// SPDX-License-Identifier: Apache-2.0
/** Orders from a web page through a queue to a message-driven bean, their status back through a topic. */
@NullMarked
package io.millrace.sample;

import org.jspecify.annotations.NullMarked;
