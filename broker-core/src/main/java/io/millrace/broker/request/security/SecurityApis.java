// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import io.millrace.broker.acl.Acls;
import io.millrace.broker.auth.Authenticator;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.quota.Quotas;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.time.BrokerClock;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Registers authentication, quotas and access rules: the handlers of their APIs and the filters that enforce them. */
public final class SecurityApis {
    private SecurityApis() {}

    /** @param acls the access rules, which hear of the cluster's changes already; {@code null} lets everybody do everything */
    public static KafkaApis.Builder register(
            KafkaApis.Builder apis,
            Cluster cluster,
            Authenticator authenticator,
            @Nullable Acls acls,
            BrokerClock clock) {
        Quotas quotas = new Quotas(clock);
        cluster.addListener(quotas);
        ClientQuotaApis quotaApis = new ClientQuotaApis(cluster, quotas);
        ScramUsers users = new ScramUsers(cluster);
        if (authenticator.asks()) {
            apis.on(ApiKeys.SASL_HANDSHAKE, SaslHandshakeRequestData.class, new SaslHandshakeHandler())
                    .on(ApiKeys.SASL_AUTHENTICATE, SaslAuthenticateRequestData.class, new SaslAuthenticateHandler());
        }
        apis.filter(new QuotaFilter(quotas, clock));
        if (acls != null) {
            AclApis aclApis = new AclApis(cluster, acls);
            apis.on(ApiKeys.DESCRIBE_ACLS, DescribeAclsRequestData.class, aclApis::describe)
                    .on(ApiKeys.CREATE_ACLS, CreateAclsRequestData.class, aclApis::create)
                    .on(ApiKeys.DELETE_ACLS, DeleteAclsRequestData.class, aclApis::delete)
                    .filter(new AuthorizationFilter(acls, cluster));
        } else {
            apis.on(
                            ApiKeys.DESCRIBE_ACLS,
                            DescribeAclsRequestData.class,
                            (context, request) -> NoAcls.describe(request))
                    .on(ApiKeys.CREATE_ACLS, CreateAclsRequestData.class, (context, request) -> NoAcls.create(request))
                    .on(ApiKeys.DELETE_ACLS, DeleteAclsRequestData.class, (context, request) -> NoAcls.delete(request));
        }
        return apis.on(ApiKeys.DESCRIBE_CLIENT_QUOTAS, DescribeClientQuotasRequestData.class, quotaApis::describe)
                .on(ApiKeys.ALTER_CLIENT_QUOTAS, AlterClientQuotasRequestData.class, quotaApis::alter)
                .on(
                        ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
                        DescribeUserScramCredentialsRequestData.class,
                        users::describe)
                .on(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, AlterUserScramCredentialsRequestData.class, users::alter)
                .authenticator(authenticator);
    }
}
