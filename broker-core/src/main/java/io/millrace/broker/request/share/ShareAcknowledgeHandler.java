// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.request.CurrentLeaders;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.request.share.Acknowledgements.Result;
import io.millrace.broker.request.share.ConnectionShares.Lookup;
import io.millrace.broker.request.share.ShareRequest.Refusal;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData.PartitionData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData.ShareAcknowledgeTopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** ShareAcknowledge: what a member of a share group says of the records it holds (KIP-932). */
final class ShareAcknowledgeHandler implements KafkaHandler<ShareAcknowledgeRequestData> {
    private final SharePartitions shares;
    private final ShareConnections connections;
    private final Acknowledgements acknowledgements;
    private final CurrentLeaders leaders;

    ShareAcknowledgeHandler(SharePartitions shares, ShareConnections connections, CurrentLeaders leaders) {
        this.shares = shares;
        this.connections = connections;
        this.acknowledgements = new Acknowledgements(shares);
        this.leaders = leaders;
    }

    @Override
    public CompletionStage<ShareAcknowledgeResponseData> handle(
            RequestContext context, ShareAcknowledgeRequestData data) {
        ShareRequest request = ShareRequest.of(data);
        Refusal refusal = request.refusal();
        if (refusal != null) {
            return refused(refusal.error(), refusal.message());
        }
        if (request.epoch() == ShareRequest.OPEN) {
            return refused(
                    Errors.INVALID_SHARE_SESSION_EPOCH,
                    "An acknowledgement does not open a share session; ShareFetch does");
        }
        ConnectionShares connection = connections.of(context.connection());
        boolean last = request.epoch() == ShareRequest.CLOSE;
        Lookup found = last ? connection.last(request) : connection.next(request);
        ShareSession session = found.session();
        if (session == null) {
            return refused(found.error(), found.error().message());
        }
        session.hurry();
        CompletableFuture<Map<ShareTarget, Result>> acknowledged = acknowledgements.perform(request, session.member());
        CompletableFuture<Void> closed =
                last ? connection.close(session) : CompletableFuture.<Void>completedFuture(null);
        return closed.thenCombine(acknowledged, (done, results) -> response(request, results));
    }

    private static CompletionStage<ShareAcknowledgeResponseData> refused(Errors error, String message) {
        return CompletableFuture.completedFuture(
                new ShareAcknowledgeResponseData().setErrorCode(error.code()).setErrorMessage(message));
    }

    private ShareAcknowledgeResponseData response(ShareRequest request, Map<ShareTarget, Result> results) {
        ShareAcknowledgeResponseData response = new ShareAcknowledgeResponseData()
                .setAcquisitionLockTimeoutMs(shares.lockDurationMs(request.key().groupId()));
        results.forEach((target, result) -> {
            PartitionData data = new PartitionData()
                    .setPartitionIndex(target.partition())
                    .setErrorCode(result.error().code())
                    .setErrorMessage(result.message());
            if (result.error() == Errors.NOT_LEADER_OR_FOLLOWER) {
                addLeader(response, target, data);
            }
            ShareAcknowledgeTopicResponse topic = response.responses().find(target.topicId());
            if (topic == null) {
                topic = new ShareAcknowledgeTopicResponse().setTopicId(target.topicId());
                response.responses().add(topic);
            }
            topic.partitions().add(data);
        });
        return response;
    }

    /** Tells a client that asked the wrong broker where to ask instead. */
    private void addLeader(ShareAcknowledgeResponseData response, ShareTarget target, PartitionData data) {
        CurrentLeaders.Leader leader = leaders.of(null, target.topicId(), target.partition());
        if (leader == null) {
            return;
        }
        data.currentLeader()
                .setLeaderId(leader.ownership().owner())
                .setLeaderEpoch(leader.ownership().leaderEpoch());
        var broker = leader.broker();
        if (broker != null && response.nodeEndpoints().find(broker.id()) == null) {
            response.nodeEndpoints()
                    .add(new ShareAcknowledgeResponseData.NodeEndpoint()
                            .setNodeId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
    }
}
