package org.oz4j.os.packages;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * The package manager of Mandriva and Mageia; source: urpmi(8), urpmi.addmedia(8), urpmi.removemedia(8), urpmi.cfg(5).
 * Its repositories are "media", kept in one file that commands write.
 */
public record Urpmi() implements RpmPackages {
    @Override
    public String name() {
        return "urpmi";
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        return Map.of();
    }

    /** No option says whether a medium's signatures and certificate are checked: the file that urpmi wrote does. */
    @Override
    public List<List<String>> addRepository(Repository repository) {
        String id = Values.id(repository.name());
        List<List<String>> commands = new ArrayList<>();
        commands.add(List.of("urpmi.addmedia", "--wait-lock", "--raw", id, Values.url(repository)));
        if (!repository.signed()) {
            commands.add(say(id, "verify-rpm: 0"));
        }
        if (Values.isUnverified(repository)) {
            commands.add(say(id, "disable-certificate-check"));
        }
        return commands;
    }

    private static List<String> say(String id, String option) {
        return List.of("sed", "-i", "/^" + id.replace(".", "\\.") + " .*{$/a\\  " + option, "/etc/urpmi/urpmi.cfg");
    }

    @Override
    public List<List<String>> removeRepository(Repository repository) {
        return List.of(List.of("urpmi.removemedia", "--wait-lock", Values.id(repository.name())));
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("urpmi.update", "--wait-lock", "-a"));
    }

    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        return Values.batches(packages, "-").stream()
                .map(one -> Values.command(
                        List.of("urpmi", "--auto", "--wait-lock"),
                        one.repository().map(id -> List.of("--searchmedia", id)).orElse(List.of()),
                        one.arguments(),
                        List.of("--"),
                        one.targets(file -> true)))
                .toList();
    }
}
