package org.oz4j.os.packages;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.oz4j.Icicle;
import org.oz4j.spi.PackageField;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * FreeBSD's package manager; source: pkg.conf(5), pkg-install(8), pkg-add(8), pkg-query(8). What package URLs call its
 * packages is not agreed, so they are {@code generic}.
 */
public record Pkg() implements PackageManager {
    private static final List<PackageField> FIELDS = List.of(
            PackageField.NAME,
            PackageField.VERSION,
            PackageField.ARCH,
            PackageField.SOURCE,
            PackageField.VENDOR,
            PackageField.INSTALLED,
            PackageField.HOMEPAGE);

    @Override
    public String name() {
        return "pkg";
    }

    /** Each of its options is a variable too: it says yes, and waits for two minutes while another one is at work. */
    @Override
    public Map<String, String> environment() {
        return Map.of("ASSUME_ALWAYS_YES", "yes", "LOCK_RETRIES", "60", "LOCK_WAIT", "2");
    }

    /** A signature must be of a key that the system itself trusts. */
    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        String id = Values.id(repository.name());
        String url = Values.url(repository);
        StringBuilder text = new StringBuilder("\"" + id + "\": {\n");
        text.append("  url: ").append(quoted(url)).append(",\n");
        text.append("  enabled: true,\n");
        text.append("  mirror_type: \"")
                .append(url.startsWith("pkg+") ? "srv" : "none")
                .append("\",\n");
        text.append(
                repository.signed()
                        ? "  signature_type: \"fingerprints\",\n  fingerprints: \"/usr/share/keys/pkg\""
                        : "  signature_type: \"none\"");
        if (Values.isUnverified(repository)) {
            text.append(",\n  env: { SSL_NO_VERIFY_PEER: \"1\", SSL_NO_VERIFY_HOSTNAME: \"1\" }");
        }
        return Map.of(
                "/usr/local/etc/pkg/repos/" + id + ".conf", text.append("\n}\n").toString());
    }

    /** As JSON writes it, which its configuration language takes. */
    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("pkg", "update"));
    }

    /** Files come last: they need to find there what they depend on. */
    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        Stream<List<String>> install = batches(packages, false)
                .map(one -> Values.command(
                        List.of("pkg", "install"),
                        one.repository().map(id -> List.of("-r", id)).orElse(List.of()),
                        one.arguments(),
                        List.of("--"),
                        one.targets(file -> false)));
        Stream<List<String>> add = batches(packages, true)
                .map(one -> Values.command(
                        List.of("pkg", "add"), one.arguments(), List.of("--"), one.targets(file -> true)));
        return Stream.concat(install, add).toList();
    }

    private static Stream<Values.Batch> batches(List<PackageRequest> packages, boolean files) {
        List<PackageRequest> those =
                packages.stream().filter(one -> one.file().isPresent() == files).toList();
        return Values.batches(those, "-").stream();
    }

    @Override
    public List<String> list() {
        return List.of("pkg", "query", "-a", String.join("\t", "%n", "%v", "%q", "%o", "%m", "%t", "%w"));
    }

    @Override
    public Optional<Icicle.Item> item(String line) {
        return PackageField.read(FIELDS, line);
    }
}
