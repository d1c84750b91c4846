// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.partition.GroupConfigs;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData.ConfigResource;
import org.apache.kafka.common.protocol.Errors;

/**
 * ListConfigResources (KIP-1142): topics, brokers, and the groups that have settings of their own. Version 0 lists client
 * metrics subscriptions only (KIP-714), of which there are none here.
 */
final class ListConfigResourcesHandler implements KafkaHandler<ListConfigResourcesRequestData> {
    private static final byte BROKER_LOGGER = 8;
    private static final byte CLIENT_METRICS = 16;
    private static final Set<Byte> TYPES =
            Set.of(ConfigResources.TOPIC, ConfigResources.BROKER, BROKER_LOGGER, CLIENT_METRICS, ConfigResources.GROUP);

    private final Cluster cluster;

    ListConfigResourcesHandler(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletionStage<ListConfigResourcesResponseData> handle(
            RequestContext context, ListConfigResourcesRequestData request) {
        ListConfigResourcesResponseData response = new ListConfigResourcesResponseData();
        if (context.apiVersion() == 0) {
            return CompletableFuture.completedFuture(response);
        }
        List<Byte> asked = request.resourceTypes();
        if (!TYPES.containsAll(asked)) {
            return CompletableFuture.completedFuture(response.setErrorCode(Errors.UNSUPPORTED_VERSION.code()));
        }
        ClusterView view = cluster.view();
        Set<Byte> types = asked.isEmpty() ? TYPES : Set.copyOf(asked);
        if (types.contains(ConfigResources.TOPIC)) {
            add(response, ConfigResources.TOPIC, view.topics().keySet());
        }
        if (types.contains(ConfigResources.BROKER)) {
            List<String> brokers =
                    view.brokers().keySet().stream().map(String::valueOf).toList();
            add(response, ConfigResources.BROKER, brokers);
        }
        if (types.contains(ConfigResources.GROUP)) {
            add(
                    response,
                    ConfigResources.GROUP,
                    view.documents(GroupConfigs.DOCUMENTS).keySet());
        }
        return CompletableFuture.completedFuture(response);
    }

    private static void add(ListConfigResourcesResponseData response, byte type, Collection<String> names) {
        names.forEach(name -> response.configResources()
                .add(new ConfigResource().setResourceType(type).setResourceName(name)));
    }
}
