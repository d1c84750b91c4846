// SPDX-License-Identifier: Apache-2.0
/**
 * The application that the load "adapter" deploys on WildFly, the same classes for each broker's adapter. Packed from this
 * program's own jar, which never loads it.
 */
@NullMarked
package io.millrace.benchmarks.beans;

import org.jspecify.annotations.NullMarked;
