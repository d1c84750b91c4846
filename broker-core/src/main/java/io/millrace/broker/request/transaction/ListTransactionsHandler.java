// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.broker.group.RegexSize;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.time.BrokerClock;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.broker.transaction.TransactionDescription;
import io.millrace.broker.transaction.TransactionStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.ListTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** ListTransactions: those of this broker, by state, producer, duration and name (KIP-664, KIP-994, KIP-1152). */
record ListTransactionsHandler(TransactionCoordinator transactions, BrokerClock clock)
        implements KafkaHandler<ListTransactionsRequestData> {
    /** Of the pattern's program, as for subscriptions: it is matched with each id. */
    private static final int MAX_PATTERN_SIZE = 10_000;

    @Override
    public CompletionStage<ListTransactionsResponseData> handle(
            RequestContext context, ListTransactionsRequestData request) {
        Pattern names;
        try {
            names = pattern(request.transactionalIdPattern());
        } catch (PatternSyntaxException invalid) {
            return CompletableFuture.completedFuture(
                    new ListTransactionsResponseData().setErrorCode(Errors.INVALID_REGULAR_EXPRESSION.code()));
        }
        List<String> unknown = request.stateFilters().stream()
                .filter(name -> TransactionStatus.forKafkaName(name) == null)
                .toList();
        long nowMs = clock.wallMs();
        return transactions.list().handle((all, failure) -> {
            ListTransactionsResponseData response = new ListTransactionsResponseData();
            if (failure != null) {
                return response.setErrorCode(TransactionErrors.of(failure).code());
            }
            return response.setUnknownStateFilters(unknown)
                    .setTransactionStates(all.stream()
                            .filter(one -> matches(one, request, names, nowMs))
                            .map(one -> new TransactionState()
                                    .setTransactionalId(one.transactionalId())
                                    .setProducerId(one.producer().id())
                                    .setTransactionState(one.status().kafkaName()))
                            .toList());
        });
    }

    private static @Nullable Pattern pattern(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        if (RegexSize.of(text) > MAX_PATTERN_SIZE) {
            throw new PatternSyntaxException("the pattern is too large", text);
        }
        return Pattern.compile(text);
    }

    private static boolean matches(
            TransactionDescription one, ListTransactionsRequestData request, @Nullable Pattern names, long nowMs) {
        boolean byProducer = request.producerIdFilters().isEmpty()
                || request.producerIdFilters().contains(one.producer().id());
        boolean byState = request.stateFilters().isEmpty()
                || request.stateFilters().contains(one.status().kafkaName());
        boolean byDuration = request.durationFilter() < 0 || nowMs - one.startMs() > request.durationFilter();
        return byProducer && byState && byDuration && (names == null || names.matches(one.transactionalId()));
    }
}
