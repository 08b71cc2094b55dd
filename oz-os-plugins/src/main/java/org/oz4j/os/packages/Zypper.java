package org.oz4j.os.packages;

import java.util.List;
import java.util.Map;

import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * SUSE's package manager; source: zypper(8), zypp.conf(5).
 *
 * @param sources how it keeps its repositories
 */
public record Zypper(Sources sources) implements RpmPackages {
    /** How zypper keeps its repositories. */
    public enum Sources {
        /** As files: openSUSE since 10.3, SLES since 11. */
        FILES,
        /**
         * As what it calls services, which commands add: SLES 10. Whether signatures and certificates are checked can't
         * be said of one of them.
         */
        SERVICES
    }

    /** One that keeps its repositories as files. */
    public Zypper() {
        this(Sources.FILES);
    }

    @Override
    public String name() {
        return "zypper";
    }

    /** How long it waits while another one is at work, in seconds. */
    @Override
    public Map<String, String> environment() {
        return Map.of("ZYPP_LOCK_TIMEOUT", "120");
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        return sources == Sources.SERVICES
                ? Map.of()
                : RepoFile.in("/etc/zypp/repos.d", repository, url(repository), "autorefresh=1");
    }

    private static String url(Repository repository) {
        String url = Values.url(repository);
        return Values.isUnverified(repository) ? url + (url.contains("?") ? "&" : "?") + "ssl_verify=no" : url;
    }

    @Override
    public List<List<String>> addRepository(Repository repository) {
        return sources == Sources.FILES
                ? List.of()
                : List.of(zypper("service-add", Values.url(repository), Values.id(repository.name())));
    }

    @Override
    public List<List<String>> removeRepository(Repository repository) {
        return sources == Sources.FILES ? List.of() : List.of(zypper("service-delete", Values.id(repository.name())));
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(zypper("refresh"));
    }

    /** A name that begins with one of these signs would take the package away, or be forced. */
    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        return Values.batches(packages, "-+!~").stream()
                .map(one -> Values.command(
                        zypper("install", "--auto-agree-with-licenses"),
                        sources == Sources.FILES
                                ? one.repository()
                                        .map(id -> List.of("--from", id))
                                        .orElse(List.of())
                                : List.of(),
                        one.arguments(),
                        List.of("--"),
                        one.targets(file -> true)))
                .toList();
    }

    /** The medium that the system was installed from stays among the repositories, and is gone by now. */
    private List<String> zypper(String... words) {
        return Values.command(
                List.of("zypper", "--non-interactive"),
                sources == Sources.FILES ? List.of("--no-cd") : List.of(),
                List.of(words));
    }
}
