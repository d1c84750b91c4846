// SPDX-License-Identifier: Apache-2.0
/** Configuration keys, declared once with type, unit, range, default and one sentence. */
@NullMarked
package io.millrace.broker.config;

import org.jspecify.annotations.NullMarked;
