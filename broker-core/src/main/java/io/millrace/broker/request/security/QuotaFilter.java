// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.quota.QuotaKind;
import io.millrace.broker.quota.Quotas;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.request.RequestFilter;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.Spill;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Counts what clients do against their quotas. One that used more than it may gets its answer with the time it has to
 * wait, and nothing more is read from its connection meanwhile (KIP-219); no thread waits.
 */
final class QuotaFilter implements RequestFilter {
    /** Of longer ones this much counts: what is kept for a client must be small. */
    private static final int LONGEST_CLIENT_ID = 256;

    private final Quotas quotas;
    private final BrokerClock clock;

    QuotaFilter(Quotas quotas, BrokerClock clock) {
        this.quotas = quotas;
        this.clock = clock;
    }

    @Override
    public CompletionStage<? extends @Nullable ApiMessage> handle(
            RequestContext context, short apiKey, ApiMessage request, Next next) {
        if (!quotas.isActive() || !context.connection().session().isAdmitted()) {
            return next.handle(request);
        }
        Client client = new Client(context);
        long produced = 0;
        if (request instanceof ProduceRequestData produce) {
            produced = bytes(produce);
        } else if (request instanceof FetchRequestData fetch) {
            fetch.setMaxBytes(Math.min(fetch.maxBytes(), quotas.maxFetchBytes(client.user, client.id)));
        }
        long producedBytes = produced;
        long started = clock.nanos();
        CompletionStage<? extends @Nullable ApiMessage> answer = next.handle(request);
        long nanos = clock.nanos() - started;
        return answer.thenApply(response -> {
            long waitMs = client.count(nanos, producedBytes, consumed(response));
            if (waitMs > 0 && response != null) {
                ThrottleTimes.set(response, waitMs);
            }
            return response;
        });
    }

    @Override
    public CompletionStage<? extends MillraceResponse> handle(
            RequestContext context, MillraceRequest request, MillraceNext next) {
        if (!quotas.isActive()) {
            return next.handle(request);
        }
        Client client = new Client(context);
        List<Commit.Send> sends = request instanceof Commit commit
                ? commit.sends()
                : request instanceof Prepare prepare
                        ? prepare.sends()
                        : request instanceof Spill spill ? spill.sends() : List.of();
        long producedBytes =
                sends.stream().mapToLong(send -> send.batch().readableBytes()).sum();
        long started = clock.nanos();
        CompletionStage<? extends MillraceResponse> answer = next.handle(request);
        long nanos = clock.nanos() - started;
        return answer.thenApply(response -> {
            long consumed = response instanceof Pull.Response pull
                    ? pull.runs().stream()
                            .mapToLong(run -> run.records().readableBytes())
                            .sum()
                    : 0;
            client.count(nanos, producedBytes, consumed);
            return response;
        });
    }

    private static long bytes(ProduceRequestData request) {
        long bytes = 0;
        for (ProduceRequestData.TopicProduceData topic : request.topicData()) {
            for (ProduceRequestData.PartitionProduceData partition : topic.partitionData()) {
                bytes += size(ProduceRecords.buffer(partition));
            }
        }
        return bytes;
    }

    private static long consumed(@Nullable ApiMessage response) {
        if (response instanceof ShareFetchResponseData share) {
            return share.responses().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .mapToLong(partition -> size(FetchRecords.buffer(partition)))
                    .sum();
        }
        return response instanceof FetchResponseData fetch ? bytes(fetch) : 0;
    }

    private static long bytes(FetchResponseData response) {
        long bytes = 0;
        for (FetchResponseData.FetchableTopicResponse topic : response.responses()) {
            for (FetchResponseData.PartitionData partition : topic.partitions()) {
                bytes += size(FetchRecords.buffer(partition));
            }
        }
        return bytes;
    }

    private static int size(@Nullable ByteBuf records) {
        return records == null ? 0 : records.readableBytes();
    }

    /** Whose quotas count. */
    private final class Client {
        private final RequestContext.Connection connection;
        private final String user;
        private final String id;

        Client(RequestContext context) {
            connection = context.connection();
            user = connection.session().principal().name();
            String given = context.clientId() == null ? "" : context.clientId();
            id = given.length() > LONGEST_CLIENT_ID ? given.substring(0, LONGEST_CLIENT_ID) : given;
        }

        /** The milliseconds that the client, whose connection is paused, has to wait. */
        long count(long nanos, long produced, long consumed) {
            long waitMs = quotas.record(QuotaKind.REQUEST_PERCENTAGE, user, id, (double) nanos);
            if (produced > 0) {
                waitMs = Math.max(waitMs, quotas.record(QuotaKind.PRODUCER_BYTE_RATE, user, id, (double) produced));
            }
            if (consumed > 0) {
                waitMs = Math.max(waitMs, quotas.record(QuotaKind.CONSUMER_BYTE_RATE, user, id, (double) consumed));
            }
            if (waitMs > 0) {
                connection.pause(waitMs);
            }
            return waitMs;
        }
    }
}
