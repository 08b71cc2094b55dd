package org.oz4j.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;

import static org.assertj.core.api.Assertions.assertThat;

/** No test of the modules that are built before this one, or with it, is without an assertion. */
class EveryTestAssertsTest {
    private static final List<String> ASSERTIONS = List.of(
            "org.assertj.", "org.junit.jupiter.api.Assertions", "org.mockito.Mockito", "java.lang.AssertionError");

    private static JavaClasses tests() {
        List<Path> places = Stream.of("oz-core", "oz-os-plugins", "oz-testkit")
                .map(module -> Path.of("..", module, "target", "test-classes"))
                .filter(Files::isDirectory)
                .toList();
        List<Path> kit = List.of(Path.of("target", "classes")); // its contracts are tests too
        return new ClassFileImporter()
                .importPaths(Stream.concat(places.stream(), kit.stream()).toList());
    }

    private static boolean isTest(JavaMethod method) {
        return Stream.of(Test.class, ParameterizedTest.class, TestFactory.class).anyMatch(method::isAnnotatedWith);
    }

    /** Whether it asserts, or calls something of ours that does. */
    private static boolean asserts(JavaMethod test) {
        Set<String> seen = new HashSet<>();
        Deque<JavaCodeUnit> open = new ArrayDeque<>(List.of(test));
        while (!open.isEmpty()) {
            JavaCodeUnit unit = open.pop();
            if (!seen.add(unit.getFullName())) {
                continue;
            }
            boolean found = unit.getAccessesFromSelf().stream()
                    .map(access -> access.getTargetOwner().getName())
                    .anyMatch(owner -> ASSERTIONS.stream().anyMatch(owner::startsWith));
            if (found) {
                return true;
            }
            unit.getCallsFromSelf().stream()
                    .filter(call -> call.getTargetOwner().getPackageName().startsWith("org.oz4j"))
                    .flatMap(call -> call.getTarget().resolveMember().stream())
                    .forEach(open::push);
        }
        return false;
    }

    @Test
    void everyTestAsserts() {
        List<JavaMethod> all = tests().stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(EveryTestAssertsTest::isTest)
                .toList();

        assertThat(all).hasSizeGreaterThan(100);
        assertThat(all.stream().filter(test -> !asserts(test)).map(JavaMethod::getFullName))
                .isEmpty();
    }
}
