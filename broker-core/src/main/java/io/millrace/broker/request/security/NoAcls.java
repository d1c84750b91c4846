// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreateAclsResponseData.AclCreationResult;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsFilterResult;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * DescribeAcls, CreateAcls and DeleteAcls where no access rules are in force: refused with SECURITY_DISABLED as Kafka does,
 * by which tools tell this from a broker that knows no access rules.
 */
final class NoAcls {
    private static final short CODE = Errors.SECURITY_DISABLED.code();
    private static final String REASON = "No authorizer is configured; start the broker with authorizer=acl";

    private NoAcls() {}

    static CompletionStage<DescribeAclsResponseData> describe(DescribeAclsRequestData request) {
        return CompletableFuture.completedFuture(
                new DescribeAclsResponseData().setErrorCode(CODE).setErrorMessage(REASON));
    }

    static CompletionStage<CreateAclsResponseData> create(CreateAclsRequestData request) {
        return CompletableFuture.completedFuture(new CreateAclsResponseData()
                .setResults(request.creations().stream()
                        .map(creation ->
                                new AclCreationResult().setErrorCode(CODE).setErrorMessage(REASON))
                        .toList()));
    }

    static CompletionStage<DeleteAclsResponseData> delete(DeleteAclsRequestData request) {
        return CompletableFuture.completedFuture(new DeleteAclsResponseData()
                .setFilterResults(request.filters().stream()
                        .map(filter ->
                                new DeleteAclsFilterResult().setErrorCode(CODE).setErrorMessage(REASON))
                        .toList()));
    }
}
