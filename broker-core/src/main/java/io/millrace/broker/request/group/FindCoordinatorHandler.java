// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.transaction.TransactionCoordinator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;

/** FindCoordinator: one key before version 4, several from then on. */
record FindCoordinatorHandler(GroupCoordinator groups, TransactionCoordinator transactions)
        implements KafkaHandler<FindCoordinatorRequestData> {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;
    private static final short FIRST_BATCHED_VERSION = 4;

    @Override
    public CompletionStage<FindCoordinatorResponseData> handle(
            RequestContext context, FindCoordinatorRequestData request) {
        if (context.apiVersion() < FIRST_BATCHED_VERSION) {
            return find(request.keyType(), request.key()).thenApply(FindCoordinatorHandler::single);
        }
        List<CompletableFuture<Coordinator>> found = request.coordinatorKeys().stream()
                .map(key -> find(request.keyType(), key))
                .toList();
        return CompletableFuture.allOf(found.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new FindCoordinatorResponseData()
                        .setCoordinators(
                                found.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<Coordinator> find(byte keyType, String key) {
        if (keyType != GROUP && keyType != TRANSACTION) {
            return CompletableFuture.completedFuture(failed(
                    key,
                    Errors.INVALID_REQUEST,
                    "this broker has no coordinators of key type " + keyType
                            + " (2 share groups): only groups (0) and transactional ids (1) are offered"));
        }
        if (key.isEmpty()) {
            return CompletableFuture.completedFuture(
                    keyType == GROUP
                            ? failed(key, Errors.INVALID_GROUP_ID, "the group id is empty: set group.id")
                            : failed(
                                    key,
                                    Errors.INVALID_REQUEST,
                                    "the transactional id is empty: set transactional.id"));
        }
        return (keyType == GROUP ? groups.find(key) : transactions.find(key))
                .thenApply(broker -> new Coordinator()
                        .setKey(key)
                        .setNodeId(broker.id())
                        .setHost(broker.host())
                        .setPort(broker.port())
                        .setErrorMessage(Errors.NONE.message()))
                .exceptionally(failure -> failed(key, GroupErrors.of(failure), GroupErrors.message(failure)));
    }

    private static Coordinator failed(String key, Errors error, String message) {
        return new Coordinator()
                .setKey(key)
                .setNodeId(-1)
                .setHost("")
                .setPort(-1)
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }

    private static FindCoordinatorResponseData single(Coordinator coordinator) {
        return new FindCoordinatorResponseData()
                .setErrorCode(coordinator.errorCode())
                .setErrorMessage(coordinator.errorMessage())
                .setNodeId(coordinator.nodeId())
                .setHost(coordinator.host())
                .setPort(coordinator.port());
    }
}
