package org.oz4j.media;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.Arch;

/**
 * Tells install media by the files that their makers put on them.
 *
 * <p>Sources, by file:
 *
 * <ul>
 *   <li>{@code .treeinfo}, {@code .discinfo}: productmd's documents "Treeinfo file format" 1.0 to 1.2 and "Discinfo file
 *       format" 1.0 (Fedora and its kin; anaconda's older trees, and SUSE's media, have a section {@code [general]})
 *   <li>{@code .disk/info}: debian-cd's tools/start_new_disc, and the lines that Ubuntu and its flavours put there
 *   <li>{@code arch/version}: archiso
 *   <li>{@code .alpine-release}: scripts/mkimage.sh of Alpine's aports
 *   <li>{@code content}, {@code media.1/products}: openSUSE's "Standards YaST2 Repository Metadata", and virt-manager's
 *       urldetect.py for lines of real media
 *   <li>{@code product.id}: "Product id" in Mageia's wiki (Mandriva wrote it); {@code VERSION}: virt-manager's
 *       urldetect.py
 *   <li>the package of the release in {@code RedHat/RPMS} and its like: cobbler's distro_signatures.json
 *   <li>Windows: see {@link WindowsMedium}
 * </ul>
 *
 * <p>What no file tells may be told by the volume identifier: see {@link MediaLabel}.
 */
final class MediaProbe {
    private static final int LIMIT = 64 << 10;
    private static final int LONGEST_LINE = 500;
    /** Names and versions are short and have no control characters, or are none. */
    private static final Pattern WORDS = Pattern.compile("\\P{Cntrl}{1,100}");

    private static final String UBUNTU = "Ubuntu(?:[ -][A-Za-z]+)*|[KXL]ubuntu|Edubuntu|Mythbuntu";
    private static final Pattern DISK_INFO =
            Pattern.compile("(Debian GNU/Linux|" + UBUNTU + ") (\\S+)(?: LTS)?(?: Beta)? \"([^\"]*)\" - (.*)");
    private static final Pattern NAME_AND_VERSION = Pattern.compile("(.+?)[ -](\\d[\\d.]*)(?: .*)?");
    private static final Pattern SUSE_NAME = Pattern.compile(
            "(openSUSE(?: Leap| Tumbleweed)?|SUSE Linux Enterprise(?: Server| Desktop)?|SUSE SLES)(?: (\\d[\\d.]*(?: SP\\d)?))?.*");
    private static final Pattern SUSE_PRODUCT =
            Pattern.compile("/ +(openSUSE(?:-Leap|-Tumbleweed)?|SUSE_SLE[SD]|SLE[SD])\\S* +(\\d[\\d.]*)-.*");
    private static final Pattern MAGEIA = Pattern.compile("Mageia (\\d+(?:\\.\\d+)?) .*");
    private static final Pattern ALPINE = Pattern.compile("(alpine-[a-z]+)-(\\d[\\w.]*) \\d+");
    private static final Pattern RELEASE_PACKAGE = Pattern.compile(
            "(?:redhat|fedora|centos)/rpms/(redhat|fedora|centos)-release-(\\d[\\d.]*)(as|es|ws|desktop)?-.*\\.(\\w+)\\.rpm");

    private static final Map<String, String> ARCHES = Map.ofEntries(
            Map.entry("amd64", "x86_64"),
            Map.entry("x86-64", "x86_64"),
            Map.entry("arm64", "aarch64"),
            Map.entry("arm64_aarch64", "aarch64"),
            Map.entry("riscv_riscv64", "riscv64"),
            Map.entry("x86", "i386"),
            Map.entry("i686", "i386"),
            Map.entry("i586", "i386"),
            Map.entry("ppc64el", "ppc64le"),
            Map.entry("armhfp", "armv7l"),
            Map.entry("armv7", "armv7l"));

    /** What makers' names tell besides the system. */
    private static final Pattern EDITION =
            Pattern.compile(".*\\b(Stream|Leap|Tumbleweed)|Fedora (Server|Workstation|Cloud)");

    /**
     * What a medium tells.
     *
     * @param os the maker's name of the system
     * @param source the file that tells
     */
    record Found(
            String os,
            String version,
            Optional<String> edition,
            List<String> editions,
            Optional<Arch> arch,
            String source) {
        Found(String os, String version, Optional<String> edition, Optional<Arch> arch, String source) {
            this(os, version, edition, List.of(), arch, source);
        }
    }

    /** One way to tell a medium. */
    @FunctionalInterface
    private interface Rule {
        Optional<Found> look(MediaProbe probe) throws IOException;
    }

    private static final List<Rule> RULES = List.of(
            probe -> probe.read(".treeinfo", MediaProbe::treeInfo),
            probe -> probe.read(".discinfo", MediaProbe::discInfo),
            probe -> probe.read(".disk/info", MediaProbe::diskInfo),
            probe -> probe.read("arch/version", MediaProbe::archLinux),
            MediaProbe::alpine,
            probe -> probe.read("content", MediaProbe::suseContent),
            probe -> probe.read("media.1/products", MediaProbe::suseProducts),
            MediaProbe::mandriva,
            WindowsMedium::look,
            MediaProbe::redHatPackage,
            probe -> probe.label().equals("TINYLINUX")
                    ? Optional.of(
                            new Found("TinyLinux", "1", Optional.empty(), Optional.of(Arch.X86_64), MediaLabel.SOURCE))
                    : Optional.empty(),
            MediaLabel::look);

    private final IsoImage image;
    /** The paths by themselves in lower case: plain names of ISO 9660 have no case of their own. */
    private final Map<String, String> paths = new HashMap<>();

    private MediaProbe(IsoImage image) {
        this.image = image;
        // in order, so that of several names of one case it is always the same one
        new TreeSet<>(image.paths()).forEach(path -> paths.putIfAbsent(path.toLowerCase(Locale.ROOT), path));
    }

    static Optional<MediaIdentity> identify(IsoImage image) throws IOException {
        MediaProbe probe = new MediaProbe(image);
        for (Rule rule : RULES) {
            Optional<Found> found = rule.look(probe).filter(MediaProbe::isPlain);
            if (found.isPresent()) {
                return Optional.of(probe.identity(found.get()));
            }
        }
        return Optional.empty();
    }

    private static boolean isPlain(Found found) {
        return Stream.of(found.os(), found.version())
                .allMatch(text -> !text.isBlank() && WORDS.matcher(text).matches());
    }

    private MediaIdentity identity(Found found) throws IOException {
        return new MediaIdentity(
                OsNames.of(found.os()),
                found.version(),
                found.edition().filter(edition -> !edition.isBlank()),
                found.editions(),
                found.arch(),
                image.volumeLabel(),
                boots(image),
                found.source());
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

    // --- what the rules look at

    String label() {
        return image.volumeLabel();
    }

    IsoImage image() {
        return image;
    }

    /** The path of a file as the medium has it, where there is one but for upper and lower case. */
    Optional<String> path(String wanted) {
        return Optional.ofNullable(paths.get(wanted.toLowerCase(Locale.ROOT))).filter(image::contains);
    }

    /** The beginning of a file. */
    Optional<String> text(String path, int limit) throws IOException {
        Optional<String> known = path(path);
        return known.isEmpty()
                ? Optional.empty()
                : Optional.of(new String(image.read(known.get(), limit), StandardCharsets.UTF_8));
    }

    private Optional<Found> read(String path, Function<String, Optional<Found>> reader) throws IOException {
        return text(path, LIMIT).flatMap(reader);
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("").strip();
        return line.substring(0, Math.min(line.length(), LONGEST_LINE));
    }

    static Optional<Arch> arch(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Arch.of(ARCHES.getOrDefault(lower, lower));
    }

    /** What a maker's name of a system tells besides it. */
    static Optional<String> edition(String name) {
        Matcher words = EDITION.matcher(name);
        return words.matches()
                ? Optional.ofNullable(words.group(1)).or(() -> Optional.ofNullable(words.group(2)))
                : Optional.empty();
    }

    // --- Fedora, Red Hat and their kin

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
                edition(os.get()).or(() -> first(values, "general/variant", "tree/variants")
                        .map(variants -> variants.split(",")[0])),
                first(values, "tree/arch", "general/arch").flatMap(MediaProbe::arch),
                ".treeinfo"));
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
                ? Optional.of(new Found(
                        name.group(1), name.group(2), edition(name.group(1)), arch(lines.get(2)), ".discinfo"))
                : Optional.empty();
    }

    private static Optional<Found> redHatPackage(MediaProbe probe) {
        for (Map.Entry<String, String> path : probe.paths.entrySet()) {
            Matcher words = RELEASE_PACKAGE.matcher(path.getKey());
            if (words.matches()) {
                String version = words.group(2);
                String os =
                        switch (words.group(1)) {
                            case "fedora" -> "FedoraCore";
                            case "centos" -> "CentOS";
                            default -> words.group(3) == null ? "RedHatLinux" : "RHEL";
                        };
                return Optional.of(new Found(os, version, Optional.empty(), arch(words.group(4)), path.getValue()));
            }
        }
        return Optional.empty();
    }

    // --- Debian and Ubuntu

    private static Optional<Found> diskInfo(String text) {
        Matcher line = DISK_INFO.matcher(firstLine(text));
        if (!line.matches()) {
            return Optional.empty();
        }
        List<String> rest = List.of(line.group(4).split("\\s+"));
        int place = rest.stream()
                .filter(word -> arch(word).isPresent())
                .map(rest::indexOf)
                .findFirst()
                .orElse(-1);
        String product = line.group(1);
        boolean debian = product.startsWith("Debian");
        // a medium of what is no release yet goes by its codename
        boolean numbered = Character.isDigit(line.group(2).charAt(0));
        Optional<String> edition = debian
                ? Optional.of(place + 1)
                        .filter(next -> place >= 0 && next < rest.size())
                        .map(rest::get)
                : Optional.of(product.replaceFirst("^Ubuntu[ -]?", ""));
        return Optional.of(new Found(
                debian ? "Debian" : "Ubuntu",
                numbered ? line.group(2) : line.group(3).toLowerCase(Locale.ROOT),
                edition,
                place < 0 ? Optional.empty() : arch(rest.get(place)),
                ".disk/info"));
    }

    // --- SUSE

    /** Lines of a keyword and its value. Older media have a LABEL and a VERSION, later ones tell all in DISTRO and REPOID. */
    private static Optional<Found> suseContent(String text) {
        Map<String, String> values = new HashMap<>();
        text.lines()
                .map(String::strip)
                .filter(line -> line.matches("[A-Z]+\\s.*"))
                .forEach(line -> {
                    String[] words = line.split("\\s+", 2);
                    values.putIfAbsent(words[0], words[1]);
                });
        String distro = values.getOrDefault("DISTRO", "");
        String label = values.getOrDefault("LABEL", distro.substring(distro.lastIndexOf(',') + 1));
        Matcher name = SUSE_NAME.matcher(label);
        if (!name.matches()) {
            return Optional.empty();
        }
        // SLES has its service pack in the name; as a CPE has it: cpe:/o:opensuse:leap:42.2
        String cpe = distro.replaceFirst(",.*", "");
        String version = Optional.ofNullable(name.group(2))
                .or(() -> Optional.ofNullable(values.get("VERSION")))
                .orElse(cpe.substring(cpe.lastIndexOf(':') + 1));
        String repository = values.getOrDefault("REPOID", "");
        String arches = values.getOrDefault(
                "BASEARCHS", values.getOrDefault("DEFAULTBASE", repository.substring(repository.lastIndexOf('/') + 1)));
        return !version.matches("\\d.*")
                ? Optional.empty()
                : Optional.of(new Found(
                        name.group(1),
                        OsNames.servicePack(version.replaceFirst("-.*", "")),
                        edition(name.group(1)),
                        arch(arches.strip()), // none where there are several
                        "content"));
    }

    private static Optional<Found> suseProducts(String text) {
        Matcher line = SUSE_PRODUCT.matcher(firstLine(text));
        return line.matches()
                ? Optional.of(new Found(
                        line.group(1),
                        line.group(2),
                        edition(line.group(1).replace('-', ' ')),
                        Optional.empty(),
                        "media.1/products"))
                : Optional.empty();
    }

    // --- Mandriva and Mageia

    private static Optional<Found> mandriva(MediaProbe probe) throws IOException {
        for (String folder : List.of("", "i586/", "x86_64/")) {
            String id = folder + "product.id";
            Optional<Found> found = probe.read(id, text -> productId(text, id));
            if (found.isEmpty()) {
                String path = folder + "VERSION";
                Optional<Arch> arch = arch(folder.replace("/", ""));
                found = probe.read(path, text -> {
                    Matcher line = MAGEIA.matcher(firstLine(text));
                    return line.matches()
                            ? Optional.of(new Found("Mageia", line.group(1), Optional.empty(), arch, path))
                            : Optional.empty();
                });
            }
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Pairs such as {@code version=2008.0}, whose keys may be short; letters' case does not matter. */
    private static Optional<Found> productId(String text, String source) {
        Map<String, String> values = new HashMap<>();
        for (String pair : text.strip().split(",")) {
            String[] words = pair.split("=", 2);
            if (words.length == 2) {
                values.put(words[0].strip().toLowerCase(Locale.ROOT), words[1].strip());
            }
        }
        String os = OsNames.of(first(values, "distribution", "d").orElse(""));
        Optional<String> version = first(values, "version", "v");
        return version.isPresent() && Set.of("Mandriva", "Mandrake", "Mageia").contains(os)
                ? Optional.of(new Found(
                        os,
                        version.get(),
                        first(values, "product", "p"),
                        first(values, "arch", "a").flatMap(MediaProbe::arch),
                        source))
                : Optional.empty();
    }

    // --- others

    private static Optional<Found> archLinux(String text) {
        return Optional.of(
                new Found("Arch", firstLine(text), Optional.empty(), Optional.of(Arch.X86_64), "arch/version"));
    }

    private static Optional<Found> alpine(MediaProbe probe) throws IOException {
        Matcher line =
                ALPINE.matcher(firstLine(probe.text(".alpine-release", LIMIT).orElse("")));
        return line.matches()
                ? Optional.of(new Found(
                        "Alpine",
                        line.group(2),
                        Optional.of(line.group(1)),
                        MediaLabel.look(probe).flatMap(Found::arch),
                        ".alpine-release"))
                : Optional.empty();
    }
}
