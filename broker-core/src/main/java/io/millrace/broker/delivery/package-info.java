// SPDX-License-Identifier: Apache-2.0
/** JMS delivery: groups on a partition, leases, acknowledgements. */
@NullMarked
package io.millrace.broker.delivery;

import org.jspecify.annotations.NullMarked;
