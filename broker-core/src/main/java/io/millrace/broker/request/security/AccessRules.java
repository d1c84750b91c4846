// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.request.RequestFilter.Next;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** Which rule guards which API. Not safe for threads until complete. */
final class AccessRules {
    private final Map<Short, Guard<?>> guards = new HashMap<>();

    /** What stands before one API: passes on what is allowed and answers for what is not. */
    @FunctionalInterface
    interface Rule<Q extends ApiMessage> {
        CompletionStage<? extends @Nullable ApiMessage> apply(Access access, Q request, Next next);
    }

    private record Guard<Q extends ApiMessage>(Class<Q> type, Rule<Q> rule) {
        CompletionStage<? extends @Nullable ApiMessage> apply(Access access, ApiMessage request, Next next) {
            return rule.apply(access, type.cast(request), next);
        }
    }

    <Q extends ApiMessage> AccessRules on(ApiKeys api, Class<Q> type, Rule<Q> rule) {
        guards.put(api.id, new Guard<>(type, rule));
        return this;
    }

    /** A request that is allowed or refused as a whole. */
    <Q extends ApiMessage> AccessRules whole(
            ApiKeys api, Class<Q> type, BiPredicate<Access, Q> allowed, Function<Q, ? extends ApiMessage> refusal) {
        return on(
                api,
                type,
                (access, request, next) -> allowed.test(access, request)
                        ? next.handle(request)
                        : CompletableFuture.completedFuture(refusal.apply(request)));
    }

    boolean covers(short apiKey) {
        return guards.containsKey(apiKey);
    }

    CompletionStage<? extends @Nullable ApiMessage> apply(short apiKey, Access access, ApiMessage request, Next next) {
        Guard<?> guard = guards.get(apiKey);
        if (guard == null) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("API " + apiKey + " has no access rule: nobody may use it"));
        }
        return guard.apply(access, request, next);
    }

    /** Changes an answer on its way back. */
    static <R extends ApiMessage> CompletionStage<? extends @Nullable ApiMessage> after(
            CompletionStage<? extends @Nullable ApiMessage> answer, Class<R> type, Consumer<R> change) {
        return answer.thenApply(response -> {
            if (response != null) {
                change.accept(type.cast(response));
            }
            return response;
        });
    }

    static <T> List<T> joined(List<T> some, List<T> others) {
        List<T> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }
}
