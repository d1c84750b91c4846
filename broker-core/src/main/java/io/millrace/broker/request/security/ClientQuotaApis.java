// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.quota.QuotaEntity;
import io.millrace.broker.quota.QuotaEntity.Part;
import io.millrace.broker.quota.QuotaKind;
import io.millrace.broker.quota.Quotas;
import io.millrace.broker.request.KafkaErrors;
import io.millrace.broker.request.RequestContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.message.AlterClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData.ComponentData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntityData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.EntryData;
import org.apache.kafka.common.message.DescribeClientQuotasResponseData.ValueData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** DescribeClientQuotas and AlterClientQuotas (KIP-546). */
final class ClientQuotaApis {
    private static final String USER = "user";
    private static final String CLIENT_ID = "client-id";
    private static final String IP = "ip";
    private static final byte EXACT = 0;
    private static final byte DEFAULT = 1;

    private final Cluster cluster;
    private final Quotas quotas;

    ClientQuotaApis(Cluster cluster, Quotas quotas) {
        this.cluster = cluster;
        this.quotas = quotas;
    }

    CompletionStage<DescribeClientQuotasResponseData> describe(
            RequestContext context, DescribeClientQuotasRequestData request) {
        for (ComponentData component : request.components()) {
            String type = component.entityType();
            if (!type.equals(USER) && !type.equals(CLIENT_ID) && !type.equals(IP)) {
                return CompletableFuture.completedFuture(new DescribeClientQuotasResponseData()
                        .setErrorCode(Errors.INVALID_REQUEST.code())
                        .setErrorMessage("Unknown kind of entity '" + type + "': known are user and client-id")
                        .setEntries(null));
            }
        }
        List<EntryData> entries = new ArrayList<>();
        quotas.all().forEach((entity, values) -> {
            if (matches(entity, request)) {
                entries.add(entry(entity, values));
            }
        });
        return CompletableFuture.completedFuture(new DescribeClientQuotasResponseData().setEntries(entries));
    }

    private static boolean matches(QuotaEntity entity, DescribeClientQuotasRequestData request) {
        int named = 0;
        for (ComponentData component : request.components()) {
            Part part = part(entity, component.entityType());
            boolean fits = part != null
                    && switch (component.matchType()) {
                        case EXACT -> part.name() != null && part.name().equals(component.match());
                        case DEFAULT -> part.name() == null;
                        default -> true;
                    };
            if (!fits) {
                return false;
            }
            named++;
        }
        int parts = (entity.user() == null ? 0 : 1) + (entity.clientId() == null ? 0 : 1);
        return !request.strict() || named == parts;
    }

    private static @Nullable Part part(QuotaEntity entity, String type) {
        return switch (type) {
            case USER -> entity.user();
            case CLIENT_ID -> entity.clientId();
            default -> null;
        };
    }

    private static EntryData entry(QuotaEntity entity, Map<QuotaKind, Double> values) {
        EntryData entry = new EntryData();
        if (entity.user() != null) {
            entry.entity()
                    .add(new EntityData()
                            .setEntityType(USER)
                            .setEntityName(entity.user().name()));
        }
        if (entity.clientId() != null) {
            entry.entity()
                    .add(new EntityData()
                            .setEntityType(CLIENT_ID)
                            .setEntityName(entity.clientId().name()));
        }
        values.forEach((kind, value) ->
                entry.values().add(new ValueData().setKey(kind.key()).setValue(value)));
        return entry;
    }

    CompletionStage<AlterClientQuotasResponseData> alter(RequestContext context, AlterClientQuotasRequestData request) {
        List<CompletableFuture<AlterClientQuotasResponseData.EntryData>> answers = request.entries().stream()
                .map(entry -> alter(entry, request.validateOnly()))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new AlterClientQuotasResponseData()
                        .setEntries(
                                answers.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<AlterClientQuotasResponseData.EntryData> alter(
            AlterClientQuotasRequestData.EntryData entry, boolean validateOnly) {
        AlterClientQuotasResponseData.EntryData answer = new AlterClientQuotasResponseData.EntryData()
                .setEntity(entry.entity().stream()
                        .map(part -> new AlterClientQuotasResponseData.EntityData()
                                .setEntityType(part.entityType())
                                .setEntityName(part.entityName()))
                        .toList());
        QuotaEntity entity;
        try {
            entity = entity(entry);
            entry.ops().forEach(ClientQuotaApis::check);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(
                    answer.setErrorCode(Errors.INVALID_REQUEST.code()).setErrorMessage(e.getMessage()));
        }
        if (validateOnly) {
            return CompletableFuture.completedFuture(answer);
        }
        return cluster.updateDocument(Quotas.DOCUMENTS, entity.documentName(), old -> {
                    Map<String, String> changed = new HashMap<>(old);
                    for (OpData op : entry.ops()) {
                        if (op.remove()) {
                            changed.remove(op.key());
                        } else {
                            changed.put(op.key(), Double.toString(op.value()));
                        }
                    }
                    return changed;
                })
                .handle((done, failure) -> failure == null
                        ? answer
                        : answer.setErrorCode(KafkaErrors.of(failure).code()).setErrorMessage(failure.getMessage()));
    }

    private static QuotaEntity entity(AlterClientQuotasRequestData.EntryData entry) {
        Part user = null;
        Part clientId = null;
        for (AlterClientQuotasRequestData.EntityData part : entry.entity()) {
            String name = part.entityName();
            if (name != null && name.isEmpty()) {
                throw new IllegalArgumentException("The name of a " + part.entityType() + " is empty");
            }
            switch (part.entityType()) {
                case USER -> user = new Part(name);
                case CLIENT_ID -> clientId = new Part(name);
                default ->
                    throw new IllegalArgumentException(
                            "Quotas are offered for user and client-id, not for " + part.entityType());
            }
        }
        return new QuotaEntity(user, clientId);
    }

    private static void check(OpData op) {
        if (QuotaKind.forKey(op.key()) == null) {
            throw new IllegalArgumentException("Unknown quota '" + op.key()
                    + "': known are producer_byte_rate, consumer_byte_rate and request_percentage");
        }
        if (!op.remove() && !(op.value() > 0 && op.value() < Double.MAX_VALUE)) {
            throw new IllegalArgumentException("Quota " + op.key() + " must be above 0");
        }
    }
}
