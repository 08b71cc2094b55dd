package org.oz4j.os.packages;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * Arch's package manager; source: pacman(8), pacman.conf(5). It has no folder of configurations, so each of ours is included
 * by a line at the end of its file. It can't be told to leave a server's certificate unchecked.
 */
public record Pacman() implements PackageManager {
    private static final String CONFIGURATION = "/etc/pacman.conf";

    @Override
    public String name() {
        return "pacman";
    }

    private static String file(Repository repository) {
        return "/etc/pacman.d/oz-" + Values.id(repository.name()) + ".conf";
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        if (Values.isUnverified(repository)) {
            throw new TemplateException(List.of(new Problem(
                    "repository " + repository.name(), 0, 0, "pacman checks the certificates of all servers")));
        }
        return Map.of(
                file(repository),
                "[" + Values.id(repository.name()) + "]\nServer = " + Values.url(repository) + "\nSigLevel = "
                        + (repository.signed() ? "Required DatabaseOptional" : "Never") + "\n");
    }

    @Override
    public List<List<String>> addRepository(Repository repository) {
        return List.of(List.of("sed", "-i", "$aInclude = " + file(repository), CONFIGURATION));
    }

    @Override
    public List<List<String>> removeRepository(Repository repository) {
        String line = "Include = " + file(repository).replace(".", "\\.");
        return List.of(List.of("sed", "-i", "\\|^" + line + "$|d", CONFIGURATION));
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("pacman", "--noconfirm", "-Sy"));
    }

    /** Files come last: they need to find there what they depend on. */
    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        return Stream.concat(
                        batches(packages, false)
                                .map(one -> Values.command(
                                        List.of("pacman", "--noconfirm", "-S", "--needed"),
                                        one.arguments(),
                                        List.of("--"),
                                        one.targets(file -> false).stream()
                                                .map(name -> one.repository()
                                                        .map(id -> id + "/" + name)
                                                        .orElse(name))
                                                .toList())),
                        batches(packages, true)
                                .map(one -> Values.command(
                                        List.of("pacman", "--noconfirm", "-U"),
                                        one.arguments(),
                                        List.of("--"),
                                        one.targets(file -> true))))
                .toList();
    }

    private static Stream<Values.Batch> batches(List<PackageRequest> packages, boolean files) {
        List<PackageRequest> those =
                packages.stream().filter(one -> one.file().isPresent() == files).toList();
        return Values.batches(those, "-").stream();
    }

    @Override
    public List<String> list() {
        return List.of("pacman", "-Q");
    }

    @Override
    public String purlType() {
        return "alpm";
    }
}
