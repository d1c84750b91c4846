// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import java.util.List;

/**
 * A destination that was opened: its partitions' leaders.
 *
 * @param destination what was opened
 * @param leaders by partition index; at least one
 */
record Route(MillraceDestination destination, List<BrokerLink> leaders) {}
