// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.delivery.ShareAcquired;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.request.CurrentLeaders;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.request.share.ConnectionShares.Lookup;
import io.millrace.broker.request.share.ParkedShareFetch.Found;
import io.millrace.broker.request.share.ParkedShareFetch.Limits;
import io.millrace.broker.request.share.ShareRequest.Refusal;
import io.millrace.protocol.kafka.FetchRecords;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData.AcquiredRecords;
import org.apache.kafka.common.message.ShareFetchResponseData.PartitionData;
import org.apache.kafka.common.message.ShareFetchResponseData.ShareFetchableTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** ShareFetch: acquires records for a member of a share group and takes its acknowledgements (KIP-932). */
final class ShareFetchHandler implements KafkaHandler<ShareFetchRequestData> {
    private static final byte BATCH_OPTIMIZED = 0;
    private static final byte RECORD_LIMIT = 1;

    private final SharePartitions shares;
    private final ShareConnections connections;
    private final Acknowledgements acknowledgements;
    private final CurrentLeaders leaders;
    private final OwnerLoop timers;

    /** @param timers runs the time-outs of parked fetches */
    ShareFetchHandler(SharePartitions shares, ShareConnections connections, CurrentLeaders leaders, OwnerLoop timers) {
        this.shares = shares;
        this.connections = connections;
        this.acknowledgements = new Acknowledgements(shares);
        this.leaders = leaders;
        this.timers = timers;
    }

    @Override
    public CompletionStage<ShareFetchResponseData> handle(RequestContext context, ShareFetchRequestData data) {
        ShareRequest request = ShareRequest.of(data);
        Refusal refusal = refusal(request, data);
        if (refusal != null) {
            return refused(refusal.error(), refusal.message());
        }
        ConnectionShares connection = connections.of(context.connection());
        return switch (request.epoch()) {
            case ShareRequest.OPEN -> open(connection, request, data);
            case ShareRequest.CLOSE -> close(connection, request);
            default -> next(connection, request, data);
        };
    }

    private static @Nullable Refusal refusal(ShareRequest request, ShareFetchRequestData data) {
        Refusal refusal = request.refusal();
        if (refusal != null) {
            return refusal;
        }
        if (data.shareAcquireMode() != BATCH_OPTIMIZED && data.shareAcquireMode() != RECORD_LIMIT) {
            return new Refusal(
                    Errors.INVALID_REQUEST,
                    "Unknown ShareAcquireMode " + data.shareAcquireMode() + ": 0 is batch_optimized, 1 record_limit");
        }
        boolean fetches =
                data.maxBytes() != 0 || data.minBytes() != 0 || data.maxRecords() != 0 || data.maxWaitMs() != 0;
        return request.renews() && fetches
                ? new Refusal(
                        Errors.INVALID_REQUEST,
                        "A request that renews fetches nothing: MaxWaitMs, MinBytes, MaxBytes and MaxRecords must be 0")
                : null;
    }

    private CompletionStage<ShareFetchResponseData> open(
            ConnectionShares connection, ShareRequest request, ShareFetchRequestData data) {
        if (!request.acks().isEmpty()) {
            return refused(
                    Errors.INVALID_REQUEST, "A request that opens a share session has nothing to acknowledge yet");
        }
        Lookup opened = connection.open(request);
        ShareSession session = opened.session();
        return session == null ? refused(opened.error(), opened.error().message()) : fetch(session, request, data);
    }

    private CompletionStage<ShareFetchResponseData> next(
            ConnectionShares connection, ShareRequest request, ShareFetchRequestData data) {
        Lookup found = connection.next(request);
        ShareSession session = found.session();
        if (session == null) {
            return refused(found.error(), found.error().message());
        }
        List<ShareTarget> forgotten = data.forgottenTopicsData().stream()
                .flatMap(topic -> topic.partitions().stream().map(index -> new ShareTarget(topic.topicId(), index)))
                .toList();
        if (!ConnectionShares.update(session, request, forgotten)) {
            var unused = connection.close(session);
            return refused(Errors.INVALID_REQUEST, "The share session has too many partitions; it is closed");
        }
        return fetch(session, request, data);
    }

    private CompletionStage<ShareFetchResponseData> close(ConnectionShares connection, ShareRequest request) {
        Lookup found = connection.last(request);
        ShareSession session = found.session();
        if (session == null) {
            return refused(found.error(), found.error().message());
        }
        CompletableFuture<Map<ShareTarget, Acknowledgements.Result>> acknowledged =
                acknowledgements.perform(request, session.member());
        return connection
                .close(session)
                .thenCombine(acknowledged, (done, results) -> response(request, Map.of(), results));
    }

    private CompletionStage<ShareFetchResponseData> fetch(
            ShareSession session, ShareRequest request, ShareFetchRequestData data) {
        CompletableFuture<Map<ShareTarget, Acknowledgements.Result>> acknowledged =
                acknowledgements.perform(request, session.member());
        ParkedShareFetch fetch = new ParkedShareFetch(
                shares,
                timers,
                session,
                new Limits(
                        data.maxWaitMs(),
                        data.minBytes(),
                        data.maxBytes(),
                        data.maxRecords(),
                        Math.max(1, data.batchSize()),
                        data.shareAcquireMode() == RECORD_LIMIT),
                session.inTurn());
        session.onFetch(fetch);
        return fetch.start().thenCombine(acknowledged, (found, results) -> response(request, found, results));
    }

    private static CompletionStage<ShareFetchResponseData> refused(Errors error, String message) {
        return CompletableFuture.completedFuture(
                new ShareFetchResponseData().setErrorCode(error.code()).setErrorMessage(message));
    }

    private ShareFetchResponseData response(
            ShareRequest request,
            Map<ShareTarget, Found> found,
            Map<ShareTarget, Acknowledgements.Result> acknowledged) {
        ShareFetchResponseData response = new ShareFetchResponseData()
                .setAcquisitionLockTimeoutMs(shares.lockDurationMs(request.key().groupId()));
        Set<ShareTarget> targets = new LinkedHashSet<>(found.keySet());
        targets.addAll(acknowledged.keySet());
        for (ShareTarget target : targets) {
            PartitionData data = new PartitionData().setPartitionIndex(target.partition());
            add(data, found.getOrDefault(target, new Found(ShareAcquired.NOTHING, null)));
            Acknowledgements.Result result = acknowledged.getOrDefault(target, Acknowledgements.Result.DONE);
            data.setAcknowledgeErrorCode(result.error().code()).setAcknowledgeErrorMessage(result.message());
            addLeader(response, target, data);
            topic(response, target).partitions().add(data);
        }
        return response;
    }

    private static void add(PartitionData data, Found found) {
        Throwable failure = found.failure();
        if (failure != null) {
            Acknowledgements.Result result = Acknowledgements.Result.of(failure);
            data.setErrorCode(result.error().code()).setErrorMessage(result.message());
        }
        var unused = FetchRecords.set(
                data,
                found.acquired().ranges().isEmpty()
                        ? Unpooled.EMPTY_BUFFER
                        : found.acquired().batches());
        data.setAcquiredRecords(found.acquired().ranges().stream()
                .map(range -> new AcquiredRecords()
                        .setFirstOffset(range.first())
                        .setLastOffset(range.last())
                        .setDeliveryCount((short) Math.min(range.deliveryCount(), Short.MAX_VALUE)))
                .toList());
    }

    private static ShareFetchableTopicResponse topic(ShareFetchResponseData response, ShareTarget target) {
        ShareFetchableTopicResponse topic = response.responses().find(target.topicId());
        if (topic == null) {
            topic = new ShareFetchableTopicResponse().setTopicId(target.topicId());
            response.responses().add(topic);
        }
        return topic;
    }

    /** Tells a client that asked the wrong broker where to ask instead. */
    private void addLeader(ShareFetchResponseData response, ShareTarget target, PartitionData data) {
        short moved = Errors.NOT_LEADER_OR_FOLLOWER.code();
        if (data.errorCode() != moved && data.acknowledgeErrorCode() != moved) {
            return;
        }
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
                    .add(new ShareFetchResponseData.NodeEndpoint()
                            .setNodeId(broker.id())
                            .setHost(broker.host())
                            .setPort(broker.port())
                            .setRack(broker.rack()));
        }
    }
}
