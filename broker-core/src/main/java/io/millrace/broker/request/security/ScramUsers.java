// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.auth.Credentials;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterDocument;
import io.millrace.broker.request.KafkaErrors;
import io.millrace.broker.request.RequestContext;
import io.millrace.protocol.sasl.ScramCredential;
import io.millrace.protocol.sasl.ScramMechanism;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialDeletion;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialUpsertion;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData.AlterUserScramCredentialsResult;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData.UserName;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData.CredentialInfo;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData.DescribeUserScramCredentialsResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** DescribeUserScramCredentials and AlterUserScramCredentials (KIP-554): the users that the cluster keeps. */
final class ScramUsers {
    private final Cluster cluster;

    ScramUsers(Cluster cluster) {
        this.cluster = cluster;
    }

    CompletionStage<DescribeUserScramCredentialsResponseData> describe(
            RequestContext context, DescribeUserScramCredentialsRequestData request) {
        Map<String, ClusterDocument> users = cluster.view().documents(Credentials.SCRAM_USERS);
        DescribeUserScramCredentialsResponseData response = new DescribeUserScramCredentialsResponseData();
        List<UserName> named = request.users();
        Collection<String> wanted = named == null || named.isEmpty()
                ? new TreeSet<>(users.keySet())
                : named.stream().map(UserName::name).toList();
        Set<String> seen = new HashSet<>();
        for (String user : wanted) {
            DescribeUserScramCredentialsResult result = new DescribeUserScramCredentialsResult().setUser(user);
            ClusterDocument document = users.get(user);
            if (!seen.add(user)) {
                fail(result, Errors.DUPLICATE_RESOURCE, "User " + user + " is named twice");
            } else if (document == null) {
                fail(result, Errors.RESOURCE_NOT_FOUND, "There is no SCRAM user " + user);
            } else {
                document.properties().forEach((label, text) -> describe(result, label, text));
            }
            response.results().add(result);
        }
        return CompletableFuture.completedFuture(response);
    }

    private static void describe(DescribeUserScramCredentialsResult result, String label, String text) {
        ScramMechanism mechanism = ScramMechanism.forLabel(label);
        if (mechanism != null) {
            result.credentialInfos()
                    .add(new CredentialInfo()
                            .setMechanism(code(mechanism))
                            .setIterations(ScramCredential.parse(text).iterations()));
        }
    }

    private static void fail(DescribeUserScramCredentialsResult result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }

    CompletionStage<AlterUserScramCredentialsResponseData> alter(
            RequestContext context, AlterUserScramCredentialsRequestData request) {
        Map<String, List<Change>> changes = new LinkedHashMap<>();
        request.deletions()
                .forEach(deletion -> changes.computeIfAbsent(deletion.name(), user -> new ArrayList<>())
                        .add(Change.of(deletion)));
        request.upsertions()
                .forEach(upsertion -> changes.computeIfAbsent(upsertion.name(), user -> new ArrayList<>())
                        .add(Change.of(upsertion)));
        List<CompletableFuture<AlterUserScramCredentialsResult>> answers = new ArrayList<>();
        changes.forEach((user, ofUser) -> answers.add(alter(user, ofUser)));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new AlterUserScramCredentialsResponseData()
                        .setResults(
                                answers.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<AlterUserScramCredentialsResult> alter(String user, List<Change> changes) {
        AlterUserScramCredentialsResult result = new AlterUserScramCredentialsResult().setUser(user);
        Map<String, String> present = cluster.view()
                        .documents(Credentials.SCRAM_USERS)
                        .containsKey(user)
                ? cluster.view().documents(Credentials.SCRAM_USERS).get(user).properties()
                : Map.of();
        Set<String> mechanisms = new HashSet<>();
        for (Change change : changes) {
            Errors error = change.error;
            String problem = change.problem;
            if (error == Errors.NONE && user.isEmpty()) {
                error = Errors.UNACCEPTABLE_CREDENTIAL;
                problem = "The user name is empty";
            } else if (error == Errors.NONE && !mechanisms.add(change.mechanism)) {
                error = Errors.DUPLICATE_RESOURCE;
                problem = change.mechanism + " of user " + user + " is changed twice in one request";
            } else if (error == Errors.NONE && change.credential == null && !present.containsKey(change.mechanism)) {
                error = Errors.RESOURCE_NOT_FOUND;
                problem = "User " + user + " has no " + change.mechanism + " credential";
            }
            if (error != Errors.NONE) {
                return CompletableFuture.completedFuture(
                        result.setErrorCode(error.code()).setErrorMessage(problem));
            }
        }
        return cluster.updateDocument(Credentials.SCRAM_USERS, user, old -> {
                    Map<String, String> changed = new HashMap<>(old);
                    changes.forEach(change -> change.applyTo(changed));
                    return changed;
                })
                .handle((done, failure) -> failure == null
                        ? result
                        : result.setErrorCode(KafkaErrors.of(failure).code()).setErrorMessage(failure.getMessage()));
    }

    /** Kafka's number for it (KIP-554). */
    private static byte code(ScramMechanism mechanism) {
        return switch (mechanism) {
            case SHA_256 -> 1;
            case SHA_512 -> 2;
        };
    }

    /** @param credential the new one as text, or {@code null} to delete the present one */
    private record Change(
            String mechanism,
            @Nullable String credential,
            Errors error,
            @Nullable String problem) {

        static Change of(ScramCredentialDeletion deletion) {
            ScramMechanism mechanism = mechanism(deletion.mechanism());
            return mechanism == null ? unknown() : new Change(mechanism.label(), null, Errors.NONE, null);
        }

        static Change of(ScramCredentialUpsertion upsertion) {
            ScramMechanism mechanism = mechanism(upsertion.mechanism());
            if (mechanism == null) {
                return unknown();
            }
            int iterations = upsertion.iterations();
            if (iterations < ScramMechanism.MIN_ITERATIONS
                    || iterations > ScramMechanism.MAX_ITERATIONS
                    || upsertion.salt().length == 0
                    || upsertion.saltedPassword().length == 0) {
                return new Change(
                        mechanism.label(),
                        null,
                        Errors.UNACCEPTABLE_CREDENTIAL,
                        "A credential needs a salt, a password and %d to %d iterations"
                                .formatted(ScramMechanism.MIN_ITERATIONS, ScramMechanism.MAX_ITERATIONS));
            }
            ScramCredential credential =
                    ScramCredential.of(mechanism, upsertion.salt(), upsertion.saltedPassword(), iterations);
            return new Change(mechanism.label(), credential.toText(), Errors.NONE, null);
        }

        private static @Nullable ScramMechanism mechanism(byte code) {
            ScramMechanism[] all = ScramMechanism.values();
            return code >= 1 && code <= all.length ? all[code - 1] : null;
        }

        private static Change unknown() {
            return new Change("", null, Errors.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism");
        }

        void applyTo(Map<String, String> properties) {
            if (credential == null) {
                properties.remove(mechanism);
            } else {
                properties.put(mechanism, credential);
            }
        }
    }
}
