package org.oz4j.os.debian;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/** Debian's package manager; source: apt-get(8), sources.list(5), dpkg-query(1). */
record Apt(String codename) implements PackageManager {
    @Override
    public String name() {
        return "apt";
    }

    @Override
    public Map<String, String> environment() {
        return Map.of("DEBIAN_FRONTEND", "noninteractive", "APT_LISTCHANGES_FRONTEND", "none");
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        List<String> options = new ArrayList<>();
        if (!repository.signed()) {
            options.add("trusted=yes");
        }
        String url = repository.url();
        // "http://host/debian suite component" as it is; a bare address means this release's main component.
        String place = url.contains(" ") ? url : url + " " + codename + " main";
        String line = "deb " + (options.isEmpty() ? "" : "[" + String.join(" ", options) + "] ") + place + "\n";
        String base = "/etc/apt/sources.list.d/" + repository.name() + ".list";
        if (repository.sslVerify()) {
            return Map.of(base, line);
        }
        return Map.of(
                base,
                line,
                "/etc/apt/apt.conf.d/90oz-" + repository.name(),
                "Acquire::https::Verify-Peer \"false\";\nAcquire::https::Verify-Host \"false\";\n");
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "update"));
    }

    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        List<String> command =
                new ArrayList<>(List.of("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120", "install"));
        packages.forEach(
                each -> each.arguments().ifPresent(arguments -> command.addAll(List.of(arguments.split("\\s+")))));
        packages.forEach(each -> command.add(each.name()));
        return List.of(command);
    }

    @Override
    public List<String> list() {
        return List.of("dpkg-query", "--show", "--showformat=${Package} ${Version} ${Architecture}\\n");
    }
}
