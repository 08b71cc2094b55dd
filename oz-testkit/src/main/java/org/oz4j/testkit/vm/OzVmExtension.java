package org.oz4j.testkit.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.oz4j.host.WorkFolder;
import org.oz4j.testkit.tiny.TinyLinux;

/** What {@link OzVm} does. */
final class OzVmExtension implements ExecutionCondition, ParameterResolver, AfterEachCallback {
    private static final Namespace OURS = Namespace.create(OzVmExtension.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return shared(context, ConditionEvaluationResult.class, () -> look(folder(context)));
    }

    private static ConditionEvaluationResult look(Path folder) {
        List<String> why = new ArrayList<>();
        try {
            RealMachines.missing(folder).ifPresent(why::add);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            why.add("interrupted");
        }
        List<String> packages = TinyLinux.missingPackages();
        if (!packages.isEmpty()) {
            why.add("media need packages: apt-get install " + String.join(" ", packages));
        }
        return why.isEmpty()
                ? ConditionEvaluationResult.enabled("machines can be run here")
                : ConditionEvaluationResult.disabled("no machines can be run here: " + String.join("; ", why));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RealMachines.class
                && context.getTestMethod().isPresent();
    }

    @Override
    public RealMachines resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(OURS)
                .getOrComputeIfAbsent(RealMachines.class, type -> machines(context), RealMachines.class);
    }

    private static RealMachines machines(ExtensionContext context) {
        Path shared = folder(context);
        try {
            return new RealMachines(WorkFolder.createIn(shared, "test-"), TinyLinux.create(shared.resolve("tiny")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder for all that the tests of a JVM make; JUnit closes it when they are over. */
    private static Path folder(ExtensionContext context) {
        return shared(context, WorkFolder.class, () -> {
                    try {
                        return WorkFolder.createIn(Path.of(System.getProperty("java.io.tmpdir")), "oz-vm-");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .path();
    }

    /** Made by the first test that asks, for all of them. */
    private static <T> T shared(ExtensionContext context, Class<T> type, Supplier<T> made) {
        return context.getRoot().getStore(OURS).getOrComputeIfAbsent(type, key -> made.get(), type);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        RealMachines machines = context.getStore(OURS).get(RealMachines.class, RealMachines.class);
        if (machines == null) {
            return;
        }
        try {
            if (context.getExecutionException().isPresent() && Files.isDirectory(machines.evidence())) {
                context.publishDirectory("oz-evidence", target -> copy(machines.evidence(), target));
            }
        } finally {
            machines.close();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.resolveSibling(""));
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
