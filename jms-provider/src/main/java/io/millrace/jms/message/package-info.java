// SPDX-License-Identifier: Apache-2.0
/** The message objects: headers, properties, bodies and their conversion rules (Jakarta Messaging 3.1, chapter 3). */
@NullMarked
package io.millrace.jms.message;

import org.jspecify.annotations.NullMarked;
