package org.oz4j.os.packages;

import java.util.List;
import java.util.Map;

import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * The package manager of Fedora and of Enterprise Linux since 8, with options alone that both dnf 4 and dnf 5 have;
 * source: dnf(8), dnf.conf(5) of both. It waits by itself while another one is at work (dnf 4: exit_on_lock).
 */
public record Dnf() implements RpmPackages {
    @Override
    public String name() {
        return "dnf";
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        return RepoFile.ofYum(repository);
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("dnf", "-y", "--refresh", "makecache"));
    }

    /** dnf 5 knows no {@code --} that ends the options, so a name that looks like one is refused. */
    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        return Values.batches(packages, "-").stream()
                .map(one -> Values.command(
                        List.of("dnf", "-y"),
                        // what they depend on may come from any
                        one.repository()
                                .map(id -> List.of("--enablerepo=" + id, "--setopt=" + id + ".priority=1"))
                                .orElse(List.of()),
                        List.of("install"),
                        one.arguments(),
                        one.targets(file -> true)))
                .toList();
    }
}
