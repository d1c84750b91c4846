// SPDX-License-Identifier: Apache-2.0
/** JMH benchmarks of the hot path. */
@NullMarked
package io.millrace.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
