package org.oz4j;

import java.util.List;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/** The rules of docs/architecture.md. */
@AnalyzeClasses(packages = "org.oz4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final List<String> OTHERS_PACKAGES = List.of(
            "org.libvirt", "com.sun.jna", "com.jcraft", "jakarta.xml.bind", "org.glassfish", "org.apache.commons");

    // The root package is both the vocabulary that all packages use and the front door that opens the engine, so it
    // takes no part in the layers.
    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("org.oz4j.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theEngineIsReachedThroughTheFrontDoorOnly = noClasses()
            .that()
            .resideOutsideOfPackages("org.oz4j", "org.oz4j.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.oz4j.engine..");

    @ArchTest
    static final ArchRule libvirtStaysInItsAdapter = noClasses()
            .that()
            .resideOutsideOfPackage("org.oz4j.hypervisor.libvirt..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.libvirt..");

    @ArchTest
    static final ArchRule nativeCodeIsCalledByTheAdaptersOnly = noClasses()
            .that()
            .resideOutsideOfPackages("org.oz4j.hypervisor.libvirt..", "org.oz4j.disk.guestfs..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna..");

    @ArchTest
    static final ArchRule publicSignaturesHoldOurTypesAndTheJdks = methods()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(
                    "org.oz4j",
                    "org.oz4j.template..",
                    "org.oz4j.spi..",
                    "org.oz4j.config..",
                    "org.oz4j.hypervisor",
                    "org.oz4j.disk",
                    "org.oz4j.media")
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .should(haveNoForeignTypes());

    @ArchTest
    static final ArchRule processesAreStartedInOnePlace = noClasses()
            .that(not(resideInAPackage("org.oz4j.host")))
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder");

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .that()
            .doNotHaveSimpleName("SystemTimeSource")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(java.time.LocalDateTime.class, "now");

    @ArchTest
    static final ArchRule locksAreTakenInOnePlace = noClasses()
            .that(not(resideInAPackage("org.oz4j.host")))
            .should()
            .callMethod(java.nio.channels.FileChannel.class, "tryLock")
            .orShould()
            .callMethod(java.nio.channels.FileChannel.class, "lock");

    @ArchTest
    static final ArchRule connectionsAreOpenedInOnePlace = noClasses()
            .that(not(resideInAPackage("org.oz4j.media")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net.http..", "org.apache.hc..", "org.apache.commons.net..")
            .orShould()
            .callMethod(java.net.URL.class, "openConnection");

    @ArchTest
    static final ArchRule exceptionsAreOurs = classes()
            .that()
            .areAssignableTo(Exception.class)
            .and()
            .arePublic()
            .should()
            .beAssignableTo(OzException.class);

    private static ArchCondition<JavaMethod> haveNoForeignTypes() {
        return new ArchCondition<>("hold only JDK types and our own") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                Stream.concat(Stream.of(method.getRawReturnType()), method.getRawParameterTypes().stream())
                        .map(JavaClass::getName)
                        .filter(type -> OTHERS_PACKAGES.stream().anyMatch(type::startsWith))
                        .forEach(type -> events.add(
                                SimpleConditionEvent.violated(method, method.getFullName() + " shows " + type)));
            }
        };
    }
}
