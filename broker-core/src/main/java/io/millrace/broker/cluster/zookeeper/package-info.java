// SPDX-License-Identifier: Apache-2.0
/** Membership and metadata in ZooKeeper, through Curator; the embedded server. */
@NullMarked
package io.millrace.broker.cluster.zookeeper;

import org.jspecify.annotations.NullMarked;
