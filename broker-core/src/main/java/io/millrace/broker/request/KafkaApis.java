// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.auth.Authenticator;
import io.millrace.broker.auth.ClientSession;
import io.millrace.protocol.kafka.SupportedVersions;
import io.millrace.protocol.message.MillraceApi;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Who answers which API, and the filters before the handlers. Immutable; safe for any thread. What has no handler is not
 * advertised.
 */
public final class KafkaApis {
    private final Map<Short, Entry<?>> kafka;
    private final Map<MillraceApi, MillraceHandler> millrace;
    private final SupportedVersions supported;
    private final List<RequestFilter> filters;
    private final Authenticator authenticator;

    private KafkaApis(Builder builder) {
        Set<Short> keys = new HashSet<>(builder.kafka.keySet());
        builder.millrace.keySet().forEach(api -> keys.add(api.key()));
        keys.add(ApiKeys.API_VERSIONS.id);
        supported = SupportedVersions.all().restrictedTo(keys);
        Map<Short, Entry<?>> handlers = new HashMap<>(builder.kafka);
        handlers.put(
                ApiKeys.API_VERSIONS.id, new Entry<>(ApiVersionsRequestData.class, new ApiVersionsHandler(supported)));
        kafka = Map.copyOf(handlers);
        millrace = Map.copyOf(builder.millrace);
        filters = List.copyOf(builder.filters);
        authenticator = builder.authenticator;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** What ApiVersions answers. */
    public SupportedVersions supported() {
        return supported;
    }

    /** The answer to a Kafka request, or {@code null} when there is no handler for it. */
    public @Nullable CompletionStage<? extends @Nullable ApiMessage> handle(
            RequestContext context, short apiKey, ApiMessage request) {
        Entry<?> entry = kafka.get(apiKey);
        return entry == null ? null : filtered(context, apiKey, request, entry, 0);
    }

    private CompletionStage<? extends @Nullable ApiMessage> filtered(
            RequestContext context, short apiKey, ApiMessage request, Entry<?> entry, int index) {
        if (index == filters.size()) {
            return entry.handle(context, request);
        }
        try {
            return filters.get(index)
                    .handle(context, apiKey, request, next -> filtered(context, apiKey, next, entry, index + 1));
        } catch (RuntimeException defect) {
            return CompletableFuture.failedFuture(defect);
        }
    }

    /** What a new connection's client must prove first. */
    public ClientSession newSession() {
        return authenticator.newSession();
    }

    /** The answer to a request of Millrace's own, or {@code null} when there is no handler for it. */
    public @Nullable CompletionStage<? extends MillraceResponse> handle(
            RequestContext context, MillraceRequest request) {
        MillraceHandler handler = millrace.get(request.api());
        return handler == null ? null : filtered(context, request, handler, 0);
    }

    private CompletionStage<? extends MillraceResponse> filtered(
            RequestContext context, MillraceRequest request, MillraceHandler handler, int index) {
        try {
            return index == filters.size()
                    ? handler.handle(context, request)
                    : filters.get(index).handle(context, request, next -> filtered(context, next, handler, index + 1));
        } catch (RuntimeException defect) {
            return CompletableFuture.failedFuture(defect);
        }
    }

    private record Entry<Q extends ApiMessage>(Class<Q> type, KafkaHandler<Q> handler) {
        CompletionStage<? extends @Nullable ApiMessage> handle(RequestContext context, ApiMessage request) {
            try {
                return handler.handle(context, type.cast(request));
            } catch (RuntimeException defect) {
                return CompletableFuture.failedFuture(defect);
            }
        }
    }

    /** Collects the handlers. Not safe for threads. */
    public static final class Builder {
        private final Map<Short, Entry<?>> kafka = new HashMap<>();
        private final Map<MillraceApi, MillraceHandler> millrace = new EnumMap<>(MillraceApi.class);
        private final List<RequestFilter> filters = new ArrayList<>();
        private Authenticator authenticator = Authenticator.NONE;

        private Builder() {}

        /** Sets the handler of a Kafka API; {@code request} is its generated request class. */
        public <Q extends ApiMessage> Builder on(ApiKeys api, Class<Q> request, KafkaHandler<Q> handler) {
            if (kafka.put(api.id, new Entry<>(request, handler)) != null) {
                throw new IllegalStateException("Two handlers for " + api);
            }
            return this;
        }

        /** Sets the handler of some of Millrace's own APIs. */
        public Builder on(Collection<MillraceApi> apis, MillraceHandler handler) {
            for (MillraceApi api : apis) {
                if (millrace.put(api, handler) != null) {
                    throw new IllegalStateException("Two handlers for " + api);
                }
            }
            return this;
        }

        /** Puts a filter between those that are there and the handlers. */
        public Builder filter(RequestFilter filter) {
            filters.add(filter);
            return this;
        }

        /** Makes clients prove who they are. */
        public Builder authenticator(Authenticator required) {
            authenticator = required;
            return this;
        }

        public KafkaApis build() {
            return new KafkaApis(this);
        }
    }
}
