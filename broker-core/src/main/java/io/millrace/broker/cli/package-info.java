// SPDX-License-Identifier: Apache-2.0
/** The command line. */
@NullMarked
package io.millrace.broker.cli;

import org.jspecify.annotations.NullMarked;
