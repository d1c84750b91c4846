// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;

/** DescribeCluster: the live brokers and the controller. */
final class DescribeClusterHandler implements KafkaHandler<DescribeClusterRequestData> {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final Cluster cluster;

    DescribeClusterHandler(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletionStage<DescribeClusterResponseData> handle(
            RequestContext context, DescribeClusterRequestData request) {
        DescribeClusterResponseData response = new DescribeClusterResponseData();
        if (context.apiVersion() >= 1 && request.endpointType() != BROKERS) {
            return CompletableFuture.completedFuture(response.setEndpointType(request.endpointType())
                    .setErrorCode((request.endpointType() == CONTROLLERS
                                    ? Errors.MISMATCHED_ENDPOINT_TYPE
                                    : Errors.UNSUPPORTED_ENDPOINT_TYPE)
                            .code())
                    .setErrorMessage(
                            "This is a broker; endpoint type " + request.endpointType() + " is not described here"));
        }
        ClusterView view = cluster.view();
        response.setClusterId(cluster.clusterId()).setControllerId(view.controllerId());
        if (request.includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
        }
        for (BrokerInfo broker : view.brokers().values()) {
            response.brokers()
                    .add(new DescribeClusterBroker()
                            .setBrokerId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
        return CompletableFuture.completedFuture(response);
    }
}
