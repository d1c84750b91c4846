// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.millrace.protocol", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule PROTOCOL_KNOWS_NEITHER_BROKER_NOR_CLIENT = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.millrace.broker..", "io.millrace.jms..", "io.millrace.ra..", "jakarta..");

    @ArchTest
    static final ArchRule ONLY_THE_KAFKA_PACKAGE_AND_THE_COMPRESSION_CODECS_KNOW_KAFKA = noClasses()
            .that(not(resideInAnyPackage("io.millrace.protocol.kafka"))
                    .and(not(simpleName("Decompression")))
                    .and(not(simpleName("Recompression"))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("io.millrace.protocol.(*)..").should().beFreeOfCycles();
}
