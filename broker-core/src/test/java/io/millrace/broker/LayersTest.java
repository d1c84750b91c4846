// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** Who may import whom; see docs/decisions and ARCHITECTURE.md. */
@AnalyzeClasses(packages = "io.millrace.broker", importOptions = DoNotIncludeTests.class)
class LayersTest {
    private static final String ROOT = "io.millrace.broker.";

    @ArchTest
    static final ArchRule aPackageImportsOnlyLowerOnes = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("base")
            .definedBy(ROOT + "time..", ROOT + "config..", ROOT + "record..")
            .layer("storage")
            .definedBy(ROOT + "storage")
            .layer("storage.local")
            .definedBy(ROOT + "storage.local..")
            .layer("storage.memory")
            .definedBy(ROOT + "storage.memory..")
            .layer("cluster")
            .definedBy(ROOT + "cluster")
            .layer("cluster.zookeeper")
            .definedBy(ROOT + "cluster.zookeeper..")
            .layer("security")
            .definedBy(ROOT + "auth..", ROOT + "acl..", ROOT + "quota..")
            .layer("partition")
            .definedBy(ROOT + "partition..")
            .layer("delivery")
            .definedBy(ROOT + "delivery..")
            .layer("group")
            .definedBy(ROOT + "group..")
            .layer("transaction")
            .definedBy(ROOT + "transaction..")
            .layer("request")
            .definedBy(ROOT + "request..")
            .layer("net")
            .definedBy(ROOT + "net..")
            .layer("server")
            .definedBy(ROOT + "server..")
            .layer("cli")
            .definedBy(ROOT + "cli..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("server")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("net")
            .mayOnlyBeAccessedByLayers("server")
            .whereLayer("request")
            .mayOnlyBeAccessedByLayers("net", "server")
            .whereLayer("transaction")
            .mayOnlyBeAccessedByLayers("request", "server")
            .whereLayer("group")
            .mayOnlyBeAccessedByLayers("transaction", "request", "server")
            .whereLayer("delivery")
            .mayOnlyBeAccessedByLayers("request", "server")
            .whereLayer("partition")
            .mayOnlyBeAccessedByLayers("delivery", "group", "transaction", "request", "net", "server")
            .whereLayer("security")
            .mayOnlyBeAccessedByLayers("request", "net", "server")
            .whereLayer("cluster.zookeeper")
            .mayOnlyBeAccessedByLayers("server")
            .whereLayer("storage.local")
            .mayOnlyBeAccessedByLayers("server")
            .whereLayer("storage.memory")
            .mayOnlyBeAccessedByLayers("server")
            .whereLayer("cluster")
            .mayOnlyBeAccessedByLayers(
                    "cluster.zookeeper",
                    "security",
                    "partition",
                    "delivery",
                    "group",
                    "transaction",
                    "request",
                    "net",
                    "server")
            .whereLayer("storage")
            .mayOnlyBeAccessedByLayers(
                    "storage.local",
                    "storage.memory",
                    "partition",
                    "delivery",
                    "group",
                    "transaction",
                    "request",
                    "net",
                    "server");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching(ROOT + "(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule kafkasClassesStayInProtocol = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "request..", ROOT + "net..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..")
            .because("only generated messages leave protocol (docs/decisions/0002)");

    @ArchTest
    static final ArchRule onlyGeneratedMessagesReachTheHandlers = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "request..", ROOT + "net..")
            .should()
            .dependOnClassesThat(new KafkaInternals())
            .because("the rest of kafka-clients has behaviour and changes (docs/decisions/0002)");

    @ArchTest
    static final ArchRule zooKeeperIsSeenByItsImplementationOnly = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "cluster.zookeeper..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.zookeeper..", "org.apache.curator..");

    /** What of kafka-clients handlers may not use. */
    private static final class KafkaInternals extends DescribedPredicate<JavaClass> {
        private static final Set<String> ALLOWED = Set.of(
                "org.apache.kafka.common.Uuid",
                "org.apache.kafka.common.protocol.ApiKeys",
                "org.apache.kafka.common.protocol.ApiMessage",
                "org.apache.kafka.common.protocol.Errors");

        KafkaInternals() {
            super("are internals of kafka-clients");
        }

        @Override
        public boolean test(JavaClass candidate) {
            String name = candidate.getName();
            // A generated collection inherits its methods from a base class of kafka-clients.
            return name.startsWith("org.apache.kafka.")
                    && !name.startsWith("org.apache.kafka.common.message.")
                    && !name.startsWith("org.apache.kafka.common.utils.ImplicitLinkedHash")
                    && !ALLOWED.contains(name);
        }
    }
}
