// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** JNDI -> API objects -> provider SPI <- wire; the client never sees the broker. */
@AnalyzeClasses(packages = "io.millrace.jms", importOptions = DoNotIncludeTests.class)
class LayersTest {
    private static final String ROOT = "io.millrace.jms";

    @ArchTest
    static final ArchRule aPackageImportsOnlyLowerOnes = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("jndi")
            .definedBy(ROOT + ".jndi..")
            .layer("api")
            .definedBy(ROOT)
            .layer("discovery")
            .definedBy(ROOT + ".discovery..")
            .layer("wire")
            .definedBy(ROOT + ".wire..")
            .layer("provider")
            .definedBy(ROOT + ".provider..")
            .layer("message")
            .definedBy(ROOT + ".message..")
            .layer("config")
            .definedBy(ROOT + ".config..")
            .whereLayer("jndi")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("api")
            .mayOnlyBeAccessedByLayers("jndi")
            .whereLayer("discovery")
            .mayOnlyBeAccessedByLayers("api")
            .whereLayer("wire")
            .mayOnlyBeAccessedByLayers("api", "discovery")
            .whereLayer("message")
            .mayOnlyBeAccessedByLayers("api")
            .whereLayer("provider")
            .mayOnlyBeAccessedByLayers("api", "wire", "discovery")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("jndi", "api", "wire", "discovery");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyWhoConnectsSeesTheWire = noClasses()
            .that()
            .resideInAPackage(ROOT)
            .and()
            .doNotHaveSimpleName("Connecting")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".wire..", ROOT + ".discovery..", "io.netty.channel..");

    @ArchTest
    static final ArchRule theClientNeverSeesTheBroker =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.millrace.broker..");

    @ArchTest
    static final ArchRule kafkasClassesStayInProtocol = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..")
            .because("an application may carry its own kafka-clients (docs/decisions/0002)");

    @ArchTest
    static final ArchRule zooKeeperIsSeenByDiscoveryOnly = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".discovery..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.zookeeper..", "org.apache.curator..");
}
