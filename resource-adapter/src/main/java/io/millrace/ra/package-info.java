// SPDX-License-Identifier: Apache-2.0
/** The resource adapter's life cycle and configuration (Jakarta Connectors 2.1, chapters 5 and 10). */
@NullMarked
package io.millrace.ra;

import org.jspecify.annotations.NullMarked;
