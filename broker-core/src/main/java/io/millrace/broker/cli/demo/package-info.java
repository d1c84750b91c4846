// SPDX-License-Identifier: Apache-2.0
/** {@code ./millrace demo}: the broker, a Payara Micro and the sample, each a process of its own. */
@NullMarked
package io.millrace.broker.cli.demo;

import org.jspecify.annotations.NullMarked;
