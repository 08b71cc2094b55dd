package org.oz4j.os.packages;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.Icicle;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.spi.PackageField;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * Debian's package manager; source: apt-get(8), sources.list(5), dpkg-query(1).
 *
 * @param codename the release whose main component a bare address means
 */
public record Apt(String codename) implements PackageManager {
    private static final Pattern HTTPS_HOST = Pattern.compile("https://(?:[^/@\\s]*@)?([A-Za-z0-9.-]+)");

    /** What the line of a package begins with that is not half installed, nor removed all but its configuration. */
    private static final String INSTALLED = "installed\t";

    // dpkg knows no licences; those are texts below /usr/share/doc
    private static final List<PackageField> FIELDS = List.of(
            PackageField.NAME,
            PackageField.VERSION,
            PackageField.ARCH,
            PackageField.SOURCE,
            PackageField.SOURCE_VERSION,
            PackageField.VENDOR,
            PackageField.INSTALLED,
            PackageField.HOMEPAGE);

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
        String url = Values.line(repository);
        // "http://host/debian suite component" as it is; a bare address means this release's main component.
        String place = url.contains(" ") ? url : url + " " + codename + " main";
        String line = "deb " + (options.isEmpty() ? "" : "[" + String.join(" ", options) + "] ") + place + "\n";
        String name = Values.id(repository.name()); // files whose names have other characters are passed over
        String base = "/etc/apt/sources.list.d/" + name + ".list";
        Matcher https = HTTPS_HOST.matcher(url);
        if (repository.sslVerify() || !https.find()) {
            return Map.of(base, line);
        }
        // For that host alone: the others' certificates are checked as ever (apt-transport-https(1)).
        String option = "Acquire::https::" + https.group(1) + "::Verify-";
        return Map.of(
                base,
                line,
                "/etc/apt/apt.conf.d/90oz-" + name,
                option + "Peer \"false\";\n" + option + "Host \"false\";\n");
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "update"));
    }

    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        return List.of(Values.command(
                List.of("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120", "install"),
                packages.stream()
                        .flatMap(each -> Values.words(each.arguments()).stream())
                        .toList(),
                List.of("--"), // a name may look like an option
                packages.stream().map(PackageRequest::name).toList()));
    }

    @Override
    public List<String> list() {
        return List.of(
                "dpkg-query",
                "--show",
                "--showformat=${db:Status-Status}\\t${binary:Package}\\t${Version}\\t${Architecture}\\t${source:Package}"
                        + "\\t${source:Version}\\t${Maintainer}\\t${db-fsys:Last-Modified}\\t${Homepage}\\n");
    }

    @Override
    public Optional<Icicle.Item> item(String line) {
        return line.startsWith(INSTALLED)
                ? PackageField.read(FIELDS, line.substring(INSTALLED.length()))
                : Optional.empty();
    }

    @Override
    public List<Icicle.Item> installed(GuestFilesystem files) throws InterruptedException {
        return DpkgStatus.read(files);
    }

    @Override
    public String purlType() {
        return "deb";
    }
}
