// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partitions;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/** Fetch: full and incremental (KIP-227), answered when there is enough or the wait is over. */
final class FetchHandler implements KafkaHandler<FetchRequestData> {
    private static final int FIRST_VERSION_WITH_LEADERS = 16;

    private final FetchReader reader;
    private final CurrentLeaders leaders;
    private final OwnerLoop timers;
    private final FetchSessions sessions;
    private final Map<Long, ConnectionFetches> connections = new ConcurrentHashMap<>();

    /** @param timers runs the time-outs of parked fetches */
    FetchHandler(Partitions partitions, CurrentLeaders leaders, OwnerLoop timers, FetchSessions sessions) {
        this.reader = new FetchReader(partitions);
        this.leaders = leaders;
        this.timers = timers;
        this.sessions = sessions;
    }

    @Override
    public CompletionStage<FetchResponseData> handle(RequestContext context, FetchRequestData request) {
        CompletionStage<FetchResponseData> answer = of(context.connection()).fetch(request, context.apiVersion());
        return context.apiVersion() >= FIRST_VERSION_WITH_LEADERS ? answer.thenApply(this::addLeaders) : answer;
    }

    private ConnectionFetches of(RequestContext.Connection connection) {
        ConnectionFetches present = connections.get(connection.id());
        if (present != null) {
            return present;
        }
        ConnectionFetches fresh = new ConnectionFetches(connection, reader, timers, sessions);
        connections.put(connection.id(), fresh);
        connection.onClose(() -> {
            connections.remove(connection.id());
            connection.execute(fresh::onClosed);
        });
        return fresh;
    }

    /** Tells a client that asked the wrong broker, or with an old epoch, where to ask instead. */
    private FetchResponseData addLeaders(FetchResponseData response) {
        for (FetchableTopicResponse topic : response.responses()) {
            for (PartitionData data : topic.partitions()) {
                if (data.errorCode() == Errors.NOT_LEADER_OR_FOLLOWER.code()
                        || data.errorCode() == Errors.FENCED_LEADER_EPOCH.code()) {
                    addLeader(response, topic, data);
                }
            }
        }
        return response;
    }

    private void addLeader(FetchResponseData response, FetchableTopicResponse topic, PartitionData data) {
        CurrentLeaders.Leader leader = leaders.of(null, topic.topicId(), data.partitionIndex());
        if (leader == null) {
            return;
        }
        data.currentLeader()
                .setLeaderId(leader.ownership().owner())
                .setLeaderEpoch(leader.ownership().leaderEpoch());
        var broker = leader.broker();
        if (broker != null && response.nodeEndpoints().find(broker.id()) == null) {
            response.nodeEndpoints()
                    .add(new FetchResponseData.NodeEndpoint()
                            .setNodeId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
    }
}
