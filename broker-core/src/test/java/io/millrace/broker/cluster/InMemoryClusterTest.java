// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

/** The fixture does what a real cluster does. */
class InMemoryClusterTest extends ClusterContract {
    private final InMemoryCluster.Registry registry = new InMemoryCluster.Registry();

    @Override
    protected Cluster connect() {
        return new InMemoryCluster(registry);
    }
}
