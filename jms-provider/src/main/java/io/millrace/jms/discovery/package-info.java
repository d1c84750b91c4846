// SPDX-License-Identifier: Apache-2.0
/** Finding brokers in ZooKeeper; the only package that loads Curator. */
@NullMarked
package io.millrace.jms.discovery;

import org.jspecify.annotations.NullMarked;
