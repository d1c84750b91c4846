// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.AdminStep.step;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.RaftVoterEndpoint;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/** The stock {@code Admin}, each method called sensibly and wrongly: what Millrace and Kafka let it answer or throw. */
@ExtendWith(Peers.class)
class AdminClusterDifferentialTest {
    private static final String TOPIC = "admin-a";
    private static final String FEATURES = "Only what clients go by is told, and it cannot be switched";
    private static final String ZOOKEEPER = "There is no KRaft quorum; a broker registers by being there";
    private static final String TOKENS = "There are no delegation tokens";

    @TestFactory
    Stream<DynamicTest> cluster(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        ClientQuotaEntity client = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "admin-client"));
        AclBinding acl = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                new AccessControlEntry("User:a", "*", AclOperation.READ, AclPermissionType.ALLOW));
        return AdminStep.compare(
                millrace,
                kafka,
                report,
                step("describeCluster", to -> {
                    var cluster =
                            to.admin().describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
                    return cluster.nodes().get().size() + " "
                            + cluster.nodes().get().iterator().next().isFenced() + " "
                            + new TreeSet<>(cluster.authorizedOperations().get())
                            + (cluster.controller().get() != null)
                            + (cluster.clusterId().get() != null);
                }),
                step(
                        "describeCluster, fenced brokers too",
                        to -> to.admin()
                                .describeCluster(new DescribeClusterOptions().includeFencedBrokers(true))
                                .nodes()
                                .get()
                                .size()),
                step(
                                "describeFeatures",
                                to -> new TreeMap<>(to.admin()
                                                .describeFeatures()
                                                .featureMetadata()
                                                .get()
                                                .finalizedFeatures())
                                        .keySet())
                        .wantedDifference(FEATURES),
                step(
                                "updateFeatures, unknown feature",
                                to -> to.admin()
                                        .updateFeatures(
                                                Map.of(
                                                        "no.such",
                                                        new FeatureUpdate(
                                                                (short) 1, FeatureUpdate.UpgradeType.UPGRADE)),
                                                new UpdateFeaturesOptions())
                                        .all()
                                        .get())
                        .wantedDifference(FEATURES),
                step(
                                "updateFeatures, to where it is",
                                to -> to.admin()
                                        .updateFeatures(
                                                Map.of(
                                                        "transaction.version",
                                                        new FeatureUpdate(
                                                                (short) 2, FeatureUpdate.UpgradeType.UPGRADE)),
                                                new UpdateFeaturesOptions())
                                        .all()
                                        .get())
                        .wantedDifference(FEATURES),
                step(
                                "describeMetadataQuorum",
                                to -> to.admin()
                                        .describeMetadataQuorum()
                                        .quorumInfo()
                                        .get()
                                        .voters()
                                        .size())
                        .wantedDifference(ZOOKEEPER),
                step(
                                "unregisterBroker, unknown",
                                to -> to.admin().unregisterBroker(77).all().get())
                        .wantedDifference(ZOOKEEPER),
                step(
                                "unregisterController, unknown",
                                to -> to.admin().unregisterController(77).all().get())
                        .wantedDifference(ZOOKEEPER),
                step(
                        "addRaftVoter",
                        to -> to.admin()
                                .addRaftVoter(
                                        5, new Uuid(5, 5), Set.of(new RaftVoterEndpoint("CONTROLLER", "127.0.0.1", 1)))
                                .all()
                                .get()),
                step(
                        "removeRaftVoter",
                        to -> to.admin()
                                .removeRaftVoter(5, new Uuid(5, 5))
                                .all()
                                .get()),
                step("clientInstanceId", to -> to.admin().clientInstanceId(Duration.ofSeconds(5))),
                step(
                        "describeAcls",
                        to -> to.admin()
                                .describeAcls(AclBindingFilter.ANY)
                                .values()
                                .get()),
                step(
                        "createAcls",
                        to -> to.admin().createAcls(List.of(acl)).all().get()),
                step(
                        "deleteAcls",
                        to -> to.admin()
                                .deleteAcls(List.of(AclBindingFilter.ANY))
                                .all()
                                .get()),
                step(
                        "alterClientQuotas",
                        to -> to.admin()
                                .alterClientQuotas(List.of(new ClientQuotaAlteration(
                                        client, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9)))))
                                .all()
                                .get()),
                step(
                        "describeClientQuotas",
                        to -> to.admin()
                                .describeClientQuotas(
                                        ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofEntity(
                                                ClientQuotaEntity.CLIENT_ID, "admin-client"))))
                                .entities()
                                .get()),
                step(
                        "alterClientQuotas, unknown key",
                        to -> to.admin()
                                .alterClientQuotas(List.of(new ClientQuotaAlteration(
                                        client, List.of(new ClientQuotaAlteration.Op("no_such", 1e9)))))
                                .all()
                                .get()),
                step(
                        "alterClientQuotas, unknown entity",
                        to -> to.admin()
                                .alterClientQuotas(List.of(new ClientQuotaAlteration(
                                        new ClientQuotaEntity(Map.of("planet", "x")),
                                        List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9)))))
                                .all()
                                .get()),
                step(
                        "alterClientQuotas, gone",
                        to -> to.admin()
                                .alterClientQuotas(List.of(new ClientQuotaAlteration(
                                        client, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", null)))))
                                .all()
                                .get()),
                step(
                        "describeClientQuotas, none",
                        to -> to.admin()
                                .describeClientQuotas(
                                        ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofEntity(
                                                ClientQuotaEntity.CLIENT_ID, "admin-client"))))
                                .entities()
                                .get()),
                step(
                        "alterUserScramCredentials",
                        to -> to.admin()
                                .alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                                        "admin-u",
                                        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096),
                                        "secret")))
                                .all()
                                .get()),
                step(
                        "describeUserScramCredentials",
                        to -> to.admin()
                                .describeUserScramCredentials(List.of("admin-u"))
                                .all()
                                .get()),
                step(
                        "alterUserScramCredentials, few iterations",
                        to -> to.admin()
                                .alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                                        "admin-u",
                                        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 10),
                                        "secret")))
                                .all()
                                .get()),
                step(
                        "alterUserScramCredentials, delete unknown",
                        to -> to.admin()
                                .alterUserScramCredentials(List.of(
                                        new UserScramCredentialDeletion("nobody", ScramMechanism.SCRAM_SHA_512)))
                                .all()
                                .get()),
                step(
                        "alterUserScramCredentials, delete",
                        to -> to.admin()
                                .alterUserScramCredentials(List.of(
                                        new UserScramCredentialDeletion("admin-u", ScramMechanism.SCRAM_SHA_256)))
                                .all()
                                .get()),
                step(
                        "describeUserScramCredentials, unknown",
                        to -> to.admin()
                                .describeUserScramCredentials(List.of("nobody"))
                                .description("nobody")
                                .get()),
                step(
                                "createDelegationToken",
                                to -> to.admin()
                                        .createDelegationToken()
                                        .delegationToken()
                                        .get())
                        .wantedDifference(TOKENS),
                step(
                                "renewDelegationToken",
                                to -> to.admin()
                                        .renewDelegationToken(new byte[] {1})
                                        .expiryTimestamp()
                                        .get())
                        .wantedDifference(TOKENS),
                step(
                                "expireDelegationToken",
                                to -> to.admin()
                                        .expireDelegationToken(new byte[] {1})
                                        .expiryTimestamp()
                                        .get())
                        .wantedDifference(TOKENS),
                step(
                                "describeDelegationToken",
                                to -> to.admin()
                                        .describeDelegationToken()
                                        .delegationTokens()
                                        .get())
                        .wantedDifference(TOKENS));
    }
}
