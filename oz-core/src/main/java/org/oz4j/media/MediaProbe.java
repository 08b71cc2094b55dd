package org.oz4j.media;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.Arch;

/**
 * Tells install media by the files that their makers put on them.
 *
 * <p>Sources: productmd's documents "Treeinfo file format" 1.0 to 1.2 and "Discinfo file format" 1.0 (Fedora and its kin;
 * anaconda's older trees have a section {@code [general]} alone), debian-cd's tools/start_new_disc and Ubuntu's media
 * ({@code .disk/info}), archiso's {@code arch/version}.
 */
final class MediaProbe {
    private static final int LIMIT = 64 << 10;
    private static final Pattern DISK_INFO =
            Pattern.compile("^(Debian GNU/Linux|Ubuntu[A-Za-z-]*) (\\S+)(?: LTS)?(?: Beta)? \"[^\"]*\" - (.*)$");
    private static final Pattern NAME_AND_VERSION = Pattern.compile("^(.+?)[ -](\\d[\\d.]*)(?: .*)?$");
    private static final Map<String, String> ARCHES = Map.of(
            "amd64", "x86_64", "arm64", "aarch64", "i686", "i386", "i586", "i386", "ppc64el", "ppc64le", "x86-64",
            "x86_64");

    /** How makers call systems that templates call otherwise. */
    private static final Map<String, String> NAMES = Map.of(
            "Red Hat Enterprise Linux", "RHEL",
            "Red Hat Enterprise Linux Server", "RHEL",
            "CentOS Stream", "CentOS",
            "CentOS Linux", "CentOS",
            "Rocky Linux", "Rocky",
            "Oracle Linux Server", "OracleLinux",
            "Oracle Linux", "OracleLinux",
            "Debian GNU/Linux", "Debian",
            "Scientific Linux", "ScientificLinux");

    private record Found(String os, String version, Optional<String> edition, Optional<Arch> arch) {}

    /** A file that tells, and how it is read. */
    private record Rule(String path, Function<String, Optional<Found>> reader) {}

    private static final List<Rule> RULES = List.of(
            new Rule(".treeinfo", MediaProbe::treeInfo),
            new Rule(".discinfo", MediaProbe::discInfo),
            new Rule(".disk/info", MediaProbe::diskInfo),
            new Rule(
                    "arch/version",
                    text -> Optional.of(new Found("Arch", text.strip(), Optional.empty(), Optional.of(Arch.X86_64)))));

    private MediaProbe() {}

    static Optional<MediaIdentity> identify(IsoImage image) throws IOException {
        for (Rule rule : RULES) {
            if (image.contains(rule.path())) {
                String text = new String(image.read(rule.path(), LIMIT), StandardCharsets.UTF_8);
                Optional<Found> found = rule.reader().apply(text);
                if (found.isPresent()) {
                    return Optional.of(identity(found.get(), image, rule.path()));
                }
            }
        }
        return image.volumeLabel().equals("TINYLINUX")
                ? Optional.of(identity(
                        new Found("TinyLinux", "1", Optional.empty(), Optional.of(Arch.X86_64)), image, "volume label"))
                : Optional.empty();
    }

    private static MediaIdentity identity(Found found, IsoImage image, String source) throws IOException {
        return new MediaIdentity(
                NAMES.getOrDefault(found.os(), found.os()),
                found.version(),
                found.edition().filter(edition -> !edition.isBlank()),
                found.arch(),
                image.volumeLabel(),
                boots(image),
                source);
    }

    /** The ways in which a medium boots. */
    static List<String> boots(IsoImage image) throws IOException {
        List<String> ways = new ArrayList<>();
        for (BootEntry entry : image.bootEntries()) {
            String name = entry.platform().name();
            if (entry.bootable() && !ways.contains(name)) {
                ways.add(name);
            }
        }
        SystemArea area = image.systemArea();
        if (area.mbrBootCode()) {
            ways.add("MBR");
        }
        if (area.gpt()) {
            ways.add("GPT");
        }
        return ways;
    }

    private static Optional<Found> treeInfo(String text) {
        Map<String, String> values = new HashMap<>();
        String section = "";
        for (String line : text.lines().map(String::strip).toList()) {
            int equals = line.indexOf('=');
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1);
            } else if (equals > 0 && !line.startsWith(";") && !line.startsWith("#")) {
                values.put(
                        section + "/" + line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        }
        Optional<String> os = first(values, "release/name", "general/family");
        Optional<String> version = first(values, "release/version", "general/version");
        if (os.isEmpty() || version.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Found(
                os.get(),
                version.get(),
                first(values, "general/variant", "tree/variants").map(variants -> variants.split(",")[0]),
                first(values, "tree/arch", "general/arch").flatMap(MediaProbe::arch)));
    }

    private static Optional<String> first(Map<String, String> values, String... keys) {
        for (String key : keys) {
            String value = values.getOrDefault(key, "");
            if (!value.isEmpty()) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> discInfo(String text) {
        List<String> lines = text.lines().map(String::strip).toList();
        if (lines.size() < 3) {
            return Optional.empty();
        }
        Matcher name = NAME_AND_VERSION.matcher(lines.get(1));
        return name.matches()
                ? Optional.of(new Found(name.group(1), name.group(2), Optional.empty(), arch(lines.get(2))))
                : Optional.empty();
    }

    private static Optional<Found> diskInfo(String text) {
        Matcher line = DISK_INFO.matcher(text.lines().findFirst().orElse("").strip());
        if (!line.matches()) {
            return Optional.empty();
        }
        List<String> rest = List.of(line.group(3).split("\\s+"));
        int place = rest.stream()
                .filter(word -> arch(word).isPresent())
                .map(rest::indexOf)
                .findFirst()
                .orElse(-1);
        String product = line.group(1);
        boolean ubuntu = product.startsWith("Ubuntu");
        Optional<String> edition = ubuntu
                ? Optional.of(product.replaceFirst("^Ubuntu-?", ""))
                : Optional.of(place + 1)
                        .filter(next -> place >= 0 && next < rest.size())
                        .map(rest::get);
        return Optional.of(new Found(
                ubuntu ? "Ubuntu" : product,
                line.group(2),
                edition,
                place < 0 ? Optional.empty() : arch(rest.get(place))));
    }

    private static Optional<Arch> arch(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Arch.of(ARCHES.getOrDefault(lower, lower));
    }
}
