package org.oz4j.os.packages;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.Icicle;
import org.oz4j.spi.PackageField;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * Alpine's package manager, version 2 or 3; source: apk(8), apk-repositories(5), apk-world(5). It asks nothing by
 * itself. It can't be told which repository a package comes from, nor fetch a package's file.
 *
 * @param options what every command that fetches is told: it leaves signatures or certificates unchecked for all
 *     repositories or for none
 */
public record Apk(List<String> options) implements PackageManager {
    private static final List<PackageField> FIELDS = List.of(
            PackageField.NAME,
            PackageField.VERSION,
            PackageField.ARCH,
            PackageField.SOURCE,
            PackageField.VENDOR,
            PackageField.LICENCE,
            PackageField.HOMEPAGE);

    /** Prints a record's fields, of which those of the package itself come before those of its files. */
    private static final String FIELDS_OF_RECORDS = "BEGIN { RS = \"\"; FS = \"\\n\"; OFS = \"\\t\" }"
            + " { split(\"\", f);"
            + " for (i = 1; i <= NF; i++) { k = substr($i, 1, 2); if (!(k in f)) f[k] = substr($i, 3) }"
            + " print f[\"P:\"], f[\"V:\"], f[\"A:\"], f[\"o:\"], f[\"m:\"], f[\"L:\"], f[\"U:\"] }";

    /** Takes a copy of the options. */
    public Apk {
        options = List.copyOf(options);
    }

    /** One that checks all. */
    public Apk() {
        this(List.of());
    }

    @Override
    public String name() {
        return "apk";
    }

    @Override
    public Apk with(List<Repository> repositories) {
        List<String> told = new ArrayList<>();
        if (repositories.stream().anyMatch(one -> !one.signed())) {
            told.add("--allow-untrusted");
        }
        if (repositories.stream().anyMatch(Values::isUnverified)) {
            told.add("--no-check-certificate");
        }
        return new Apk(told);
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        return Map.of(
                "/etc/apk/repositories.d/" + Values.id(repository.name()) + ".list", Values.url(repository) + "\n");
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(apk("update"));
    }

    /** A name that begins with {@code !} would take the package away. */
    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        return Values.batches(packages, "-!").stream()
                .map(one -> Values.command(apk("add"), one.arguments(), one.targets(file -> file.startsWith("/"))))
                .toList();
    }

    private List<String> apk(String command) {
        return Values.command(List.of("apk", "--wait", "120"), options, List.of(command));
    }

    /** The database itself: no command of both versions tells vendor and home page. */
    @Override
    public List<String> list() {
        return List.of("awk", FIELDS_OF_RECORDS, "/lib/apk/db/installed");
    }

    @Override
    public Optional<Icicle.Item> item(String line) {
        return PackageField.read(FIELDS, line);
    }

    @Override
    public String purlType() {
        return "apk";
    }
}
