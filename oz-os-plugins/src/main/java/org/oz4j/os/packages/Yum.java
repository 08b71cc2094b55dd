package org.oz4j.os.packages;

import java.util.List;
import java.util.Map;

import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * The package manager of Enterprise Linux 4 to 7 and of old Fedora; source: yum(8), yum.conf(5). It waits by itself
 * while another one is at work. Enterprise Linux 3 has a yum that reads no files of repositories.
 */
public record Yum() implements RpmPackages {
    @Override
    public String name() {
        return "yum";
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        return RepoFile.ofYum(repository);
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("yum", "-y", "clean", "metadata"));
    }

    /** Of several packages yum passes over those it does not find, and still succeeds; so each is a command. */
    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        return packages.stream()
                .flatMap(one -> Values.batches(List.of(one), "-").stream())
                .map(one -> Values.command(
                        List.of("yum", "-y"),
                        one.repository().map(id -> "--enablerepo=" + id).stream()
                                .toList(),
                        List.of(one.packages().get(0).file().isPresent() ? "localinstall" : "install"),
                        one.arguments(),
                        List.of("--"),
                        one.targets(file -> true)))
                .toList();
    }
}
