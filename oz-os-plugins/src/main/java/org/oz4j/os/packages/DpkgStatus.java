package org.oz4j.os.packages;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.DiskException;
import org.oz4j.Icicle;
import org.oz4j.disk.FileStat;
import org.oz4j.disk.GuestFilesystem;

/**
 * The installed packages of an image, as dpkg-query(1) would tell them in the running system.
 *
 * <p>Source: deb822(5) and dpkg(1), the file {@code status}; a package's list of files is as old as its installation.
 */
final class DpkgStatus {
    private static final String STATUS = "/var/lib/dpkg/status";
    private static final Pattern SOURCE = Pattern.compile("(\\S+)(?: +\\((\\S+)\\))?");

    private record Named(String name, Icicle.Item item) {}

    private DpkgStatus() {}

    /**
     * Reads the packages, in dpkg-query's order.
     *
     * @throws DiskException where the image has no such file, or it tells of no package
     */
    static List<Icicle.Item> read(GuestFilesystem files) throws InterruptedException {
        List<Map<String, String>> all = files.exists(STATUS)
                ? paragraphs(new String(files.read(STATUS), StandardCharsets.UTF_8)).stream()
                        .filter(fields -> fields.getOrDefault("Status", "").endsWith(" installed"))
                        .toList()
                : List.of();
        String nativeArch = all.stream()
                .filter(fields -> fields.getOrDefault("Package", "").equals("dpkg"))
                .map(fields -> fields.getOrDefault("Architecture", ""))
                .findFirst()
                .orElseThrow(() -> new DiskException(
                        files.image(),
                        "No packages of apt were found in " + files.image() + ": " + STATUS + " does not tell of any",
                        "List what is inside with the image booted",
                        null));
        List<Named> found = new ArrayList<>();
        for (Map<String, String> fields : all) {
            found.add(named(fields, nativeArch, files));
        }
        found.sort(Comparator.comparing(Named::name)
                .thenComparing(each -> each.item().arch()));
        return found.stream().map(Named::item).toList();
    }

    private static Named named(Map<String, String> fields, String nativeArch, GuestFilesystem files)
            throws InterruptedException {
        String name = fields.getOrDefault("Package", "");
        String version = fields.getOrDefault("Version", "");
        String arch = fields.getOrDefault("Architecture", "");
        boolean several = fields.getOrDefault("Multi-Arch", "").equals("same"); // may be there for several
        boolean foreign = !arch.equals("all") && !arch.equals(nativeArch);
        Matcher source = SOURCE.matcher(fields.getOrDefault("Source", name));
        Optional<Icicle.Source> from = source.matches()
                ? Optional.of(new Icicle.Source(
                        source.group(1), Optional.ofNullable(source.group(2)).orElse(version)))
                : Optional.empty();
        Optional<FileStat> list = files.stat("/var/lib/dpkg/info/" + (several ? name + ":" + arch : name) + ".list");
        return new Named(
                name,
                new Icicle.Item(
                        several || foreign ? name + ":" + arch : name,
                        version,
                        arch,
                        from,
                        Optional.ofNullable(fields.get("Maintainer")),
                        Optional.empty(),
                        list.map(FileStat::modified),
                        Optional.ofNullable(fields.get("Homepage")),
                        Optional.empty()));
    }

    /** The paragraphs, each as its fields; lines that go on are left out, since no field of ours has them. */
    private static List<Map<String, String>> paragraphs(String text) {
        List<Map<String, String>> all = new ArrayList<>();
        Map<String, String> fields = new HashMap<>();
        for (String line : (text + "\n").split("\n", -1)) {
            int colon = line.indexOf(':');
            if (line.isBlank()) {
                if (!fields.isEmpty()) {
                    all.add(fields);
                    fields = new HashMap<>();
                }
            } else if (colon > 0 && !Character.isWhitespace(line.charAt(0))) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return all;
    }
}
