// SPDX-License-Identifier: Apache-2.0
/** The message selectors of Jakarta Messaging 3.1, section 3.8: parsed once, evaluated for each message. */
@NullMarked
package io.millrace.protocol.selector;

import org.jspecify.annotations.NullMarked;
