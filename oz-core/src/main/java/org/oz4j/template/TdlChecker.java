package org.oz4j.template;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.config.Loopback;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.Sizes;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Install;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.MachineWish;
import org.oz4j.template.Template.Os;
import org.oz4j.template.Template.OwnAnswers;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.Signature;
import org.oz4j.template.Template.User;
import org.oz4j.template.Template.VolumeGroup;

/** Turns a template's elements into its records, and notes every value that won't do. */
final class TdlChecker {
    private static final String POSITION = "0*[1-9][0-9]{0,5}";

    /** The order in which commands run. */
    static final Comparator<Tdl.Payload> BY_POSITION = Comparator.comparingInt(item -> {
        String position = strip(item.position);
        return position != null && position.matches(POSITION) ? Integer.parseInt(position) : 0;
    });

    private static final Pattern BAD_NAME = Pattern.compile("[/\\\\\\p{C}]|\\.\\.|^[.-]");
    private static final int LONGEST_NAME = 128;
    private static final Pattern GUEST_PATH = Pattern.compile("/.+", Pattern.DOTALL);
    private static final Pattern WINDOWS_PATH = Pattern.compile("[A-Za-z]:[\\\\/].+", Pattern.DOTALL);
    private static final int LAST_PORT = 65_535;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final Pattern NOT_XML = Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\uFFFE\\uFFFF]|\\p{Cs}");
    private static final Pattern HOSTNAME = Pattern.compile("(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
            + "(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");
    private static final Pattern LOCALE =
            Pattern.compile("(C|POSIX|[a-z]{2,3}(_[A-Z]{2})?)(\\.[A-Za-z0-9-]+)?(@[A-Za-z]+)?");
    private static final Pattern KEYBOARD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_,()+:.-]*");
    private static final Pattern USER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}");
    private static final Pattern FULL_NAME = Pattern.compile("[^:,]+");
    private static final Pattern SSH_KEY = Pattern.compile(
            "(ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9]+|sk-[a-z0-9-]+(@openssh\\.com)?) [A-Za-z0-9+/]+={0,2}( .*)?");
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9A-F]{40}|[0-9A-F]{64}");
    private static final Pattern NETWORK = Pattern.compile("(network|bridge):([A-Za-z0-9][A-Za-z0-9._-]*)");
    private static final Pattern VOLUME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}");
    private static final Pattern MOUNT = Pattern.compile("(?=.{2,4095}$)(/[A-Za-z0-9_.-]+)++");
    private static final List<String> FILESYSTEMS =
            List.of("ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", "ntfs", "swap");
    private static final List<String> SUMS = List.of("MD5", "SHA-1", "SHA-256", "SHA-512");
    private static final List<Integer> SUM_DIGITS = List.of(32, 40, 64, 128);
    private static final int MOST_CPUS = 512;
    private static final int LEAST_MEMORY = 64;
    private static final int MOST_MEMORY = 16 << 20;

    private static final String LATER_WINS = "the later one takes the earlier one's place";
    private static final List<String> SCHEMES = List.of("http", "https", "ftp", "file");
    private static final URI NOWHERE = URI.create("file:///");

    private final Findings findings;
    private final ParseOptions options;
    private final @Nullable Path folder;

    /**
     * Makes a checker.
     *
     * @param folder what relative paths in the template begin from; null where it does not come from a file
     */
    TdlChecker(Findings findings, ParseOptions options, @Nullable Path folder) {
        this.findings = findings;
        this.options = options;
        this.folder = folder;
    }

    /** The template; of use only where nothing was found. */
    Template check(Tdl.Root root) {
        String version = strip(root.version);
        if (version == null) {
            findings.warn(
                    root, "<template> lacks its attribute version, which is taken for 1.0; write version=\"1.0\"");
        } else if (!version.equals("1.0") && !version.equals("1.1")) {
            findings.add(root, "version \"" + shown(version) + "\" is not known; this reads versions 1.0 and 1.1");
        }
        Template template = new Template(
                version == null ? "1.0" : version,
                name(root),
                optional(root.description, "description"),
                os(root),
                machine(root.machine),
                answers(root.auto),
                disks(root.disk),
                repositories(root.repositories),
                packages(root.packages),
                files(root),
                commands(root.precommands),
                commands(root.commands));
        checkPackageRepositories(root, template);
        checkLoopback(root, template);
        if (options.catalog().isPresent()) {
            checkFeatures(root, template, options.catalog().get());
        }
        return template;
    }

    private String name(Tdl.Root root) {
        String name = line(root, root.name, "name");
        if (!name.isEmpty()
                && (BAD_NAME.matcher(name).find() || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME)) {
            findings.add(
                    root.name,
                    "name \"" + shown(name) + "\" can't name a file and a guest; allowed are 1 to " + LONGEST_NAME
                            + " bytes without '/', '\\', \"..\" and control characters, not beginning with '.' or"
                            + " '-'");
        }
        return name;
    }

    /** What the guest fetches can't be on this host's loopback, unless the guest's network leads there. */
    private void checkLoopback(Tdl.Root root, Template template) {
        boolean user = template.machine().network().orElse(options.network()) instanceof Network.User;
        if (root.os != null && root.os.install != null && root.os.install.url != null) {
            checkLoopback(
                    root.os.install.url, template.os().install().location().toString(), user);
        }
        for (Tdl.Source item : root.repositories == null ? List.<Tdl.Source>of() : root.repositories.items) {
            if (item.url != null && item.url.text != null) {
                checkLoopback(item.url, item.url.text, user);
            }
        }
    }

    private void checkLoopback(Tdl.Node node, String url, boolean user) {
        Optional<String> address = Loopback.find(url);
        if (address.isEmpty()) {
            return;
        }
        String shown = shown(address.get());
        // the user mode network leads to 127.0.0.1 alone, by an address that is in no certificate
        if (user && !shown.regionMatches(true, 0, "https", 0, 5) && !shown.endsWith("[::1]")) {
            findings.warn(
                    node,
                    "the guest is told " + Loopback.HOST_IN_USER_NETWORK + " in place of " + shown
                            + ", which is the guest itself there");
        } else {
            findings.add(
                    node,
                    shown + " is the guest itself once the guest uses it; give the host's address on the guest's"
                            + " network" + (user ? ", or http://127.0.0.1" : ", or use the network \"user\""));
        }
    }

    /** Packages may name a repository of the guest's own, so one that is not in the template is only odd. */
    private void checkPackageRepositories(Tdl.Root root, Template template) {
        Set<String> known =
                template.repositories().stream().map(Repository::name).collect(Collectors.toSet());
        for (Tdl.Request item : root.packages == null ? List.<Tdl.Request>of() : root.packages.items) {
            String wanted = item.repository == null ? null : strip(item.repository.text);
            if (wanted != null && !wanted.isEmpty() && !known.contains(wanted)) {
                findings.warn(
                        item.repository,
                        "repository \"" + shown(wanted) + "\" is not one of this template's; the guest must know it");
            }
        }
    }

    private void checkFeatures(Tdl.Root root, Template template, OsCatalog catalog) {
        Tdl.OperatingSystem os = root.os;
        if (os == null || os.name == null || os.version == null || os.install == null) {
            return;
        }
        Optional<OsCatalog.Entry> entry = catalog.find(template.os());
        if (entry.isEmpty()) {
            findings.warn(
                    os,
                    "no installed plugin installs " + shown(template.os().name()) + " "
                            + shown(template.os().version()) + " on "
                            + template.os().arch() + " from "
                            + (template.os().install().type() == InstallType.ISO ? "an ISO image" : "an install tree")
                            + " (oz list shows what there is)");
            return;
        }
        for (Feature feature : Feature.askedBy(template)) {
            if (!entry.get().features().contains(feature)) {
                findings.add(
                        node(root, os, feature),
                        entry.get().title() + " can't honour <" + feature.element() + "> here; take it out");
            }
        }
    }

    private static Tdl.@Nullable Node node(Tdl.Root root, Tdl.OperatingSystem os, Feature feature) {
        return switch (feature) {
            case BIOS, UEFI -> os.firmware;
            case SECURE_BOOT -> os.secureboot;
            case TPM -> os.tpm;
            case USERS -> os.users;
            case SSH_KEYS -> os.sshKeys;
            case LOCALE -> os.locale;
            case KEYBOARD -> os.keyboard;
            case TIMEZONE -> os.timezone;
            case HOSTNAME -> os.hostname;
            case LAYOUT, VOLUME_GROUPS -> layouts(root).findFirst().orElse(null);
            case EXT2, EXT3, EXT4, XFS, BTRFS, VFAT, NTFS ->
                layouts(root)
                        .flatMap(layout -> Stream.concat(
                                layout.partitions.stream(),
                                layout.groups.stream().flatMap(group -> group.volumes.stream())))
                        .filter(slice -> Feature.of(given(slice.filesystem)).equals(Optional.of(feature)))
                        .findFirst()
                        .orElse(null);
            case APPEND -> root.auto == null ? null : root.auto.append;
        };
    }

    private static Stream<Tdl.Layout> layouts(Tdl.Root root) {
        return root.disk.stream().flatMap(disk -> Stream.ofNullable(disk.layout));
    }

    private Os os(Tdl.Root root) {
        Tdl.OperatingSystem os = root.os;
        if (os == null) {
            findings.add(root, "<template> lacks <os>");
            return new Os(
                    "",
                    "",
                    Arch.X86_64,
                    nowhere(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Platform.ANY,
                    Setup.DEFAULT);
        }
        if (options.rootPasswordNeeded() && os.rootpw == null) {
            findings.add(os, "<rootpw> is missing here, and this program needs one");
        }
        String label = line(os, os.arch, "arch");
        Optional<Arch> arch = Arch.of(label);
        if (!label.isEmpty() && arch.isEmpty()) {
            findings.add(os.arch, "arch \"" + shown(label) + "\" is not known; allowed are " + arches());
        }
        Optional<String> icicle = Optional.empty();
        if (os.icicle != null) {
            icicle = Optional.of(line(os.icicle, os.icicle.extraCommand, "extra_command"));
        }
        return new Os(
                line(os, os.name, "name"),
                line(os, os.version, "version"),
                arch.orElse(Arch.X86_64),
                install(os),
                secret(os.key, "key"),
                secret(os.rootpw, "rootpw"),
                optionalLine(os.kernelparam, "kernelparam", false),
                icicle,
                platform(os),
                new Setup(
                        form(os.hostname, "hostname", HOSTNAME, "a host name such as web1 or web1.example.org"),
                        form(os.locale, "locale", LOCALE, "a locale such as de_AT.UTF-8"),
                        form(os.keyboard, "keyboard", KEYBOARD, "a keyboard layout such as de"),
                        timezone(os.timezone),
                        users(os.users),
                        sshKeys(os.sshKeys)));
    }

    private Platform platform(Tdl.OperatingSystem os) {
        String label = line(os.firmware, "firmware");
        Optional<Firmware> firmware = Optional.empty();
        if (label.equals("bios") || label.equals("uefi")) {
            firmware = Optional.of(label.equals("bios") ? Firmware.BIOS : Firmware.UEFI);
        } else if (!label.isEmpty()) {
            findings.add(os.firmware, "firmware \"" + shown(label) + "\" is not known; allowed are bios and uefi");
        }
        boolean secure = flag(os.secureboot, "secureboot", false);
        if (secure && firmware.equals(Optional.of(Firmware.BIOS))) {
            findings.add(os.secureboot, "secureboot needs <firmware>uefi</firmware>; a BIOS has no Secure Boot");
        }
        return new Platform(secure ? Optional.of(Firmware.UEFI) : firmware, secure, tpm(os));
    }

    private Optional<String> tpm(Tdl.OperatingSystem os) {
        String text = line(os.tpm, "tpm").toLowerCase(Locale.ROOT);
        return switch (text) {
            case "" -> Optional.empty();
            case "1.2", "2.0" -> Optional.of(text);
            case "yes", "true" -> Optional.of("2.0");
            case "no", "false" -> Optional.empty();
            default -> {
                findings.add(os.tpm, "tpm \"" + shown(text) + "\" is not known; allowed are yes, no, 1.2 and 2.0");
                yield Optional.empty();
            }
        };
    }

    private Optional<String> form(Tdl.@Nullable Text node, String element, Pattern form, String allowed) {
        String value = line(node, element);
        if (!value.isEmpty() && !form.matcher(value).matches()) {
            findings.add(node, element + " \"" + shown(value) + "\" won't do; write " + allowed);
            return Optional.empty();
        }
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    private Optional<String> timezone(Tdl.@Nullable Text node) {
        String zone = line(node, "timezone");
        if (!zone.isEmpty() && !ZoneId.getAvailableZoneIds().contains(zone)) {
            findings.add(
                    node, "timezone \"" + shown(zone) + "\" is not known; write one such as Europe/Vienna or Etc/UTC");
            return Optional.empty();
        }
        return zone.isEmpty() ? Optional.empty() : Optional.of(zone);
    }

    private List<User> users(Tdl.@Nullable Users users) {
        List<User> made = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Tdl.Person item : users == null ? List.<Tdl.Person>of() : users.items) {
            String name = attribute(item, item.name, "user", "name");
            if (!name.isEmpty() && !names.add(name)) {
                findings.add(item, "user name \"" + shown(name) + "\" is used twice");
            }
            if (name.equals("root")) {
                findings.add(item, "user \"root\" is there anyway; its password is <rootpw>, its keys are <ssh-keys>");
            } else if (!name.isEmpty() && !USER.matcher(name).matches()) {
                findings.add(
                        item,
                        "user name \"" + shown(name) + "\" won't do; allowed are 1 to 32 letters, digits, '_', '.' and"
                                + " '-', beginning with a letter or '_'");
            }
            List<String> groups = new ArrayList<>();
            for (String group : line(item.groups, "groups").split("[\\s,]+")) {
                if (!group.isEmpty() && !USER.matcher(group).matches()) {
                    findings.add(
                            item.groups, "group \"" + shown(group) + "\" won't do; write names with commas between");
                } else if (!group.isEmpty()) {
                    groups.add(group);
                }
            }
            made.add(new User(
                    name,
                    form(item.fullname, "fullname", FULL_NAME, "a name without ':' and ','"),
                    secret(item.password, "password"),
                    groups,
                    sshKeys(item.sshKeys)));
        }
        return made;
    }

    private List<String> sshKeys(Tdl.@Nullable Text node) {
        if (node == null || node.text == null) {
            return List.of();
        }
        List<String> keys = node.text
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        for (String key : keys) {
            if (!SSH_KEY.matcher(key).matches()) {
                findings.add(
                        node,
                        "ssh key \"" + shown(key) + "\" won't do; write public keys as in authorized_keys, one a line:"
                                + " type, key, comment");
            }
        }
        return keys;
    }

    private MachineWish machine(Tdl.@Nullable MachineWish machine) {
        if (machine == null) {
            return MachineWish.ANY;
        }
        OptionalInt cpus = OptionalInt.empty();
        String count = line(machine.cpus, "cpus");
        if (count.matches("0*[1-9][0-9]{0,2}") && Integer.parseInt(count) <= MOST_CPUS) {
            cpus = OptionalInt.of(Integer.parseInt(count));
        } else if (!count.isEmpty()) {
            findings.add(machine.cpus, "cpus \"" + shown(count) + "\" is not a whole number from 1 to " + MOST_CPUS);
        }
        return new MachineWish(cpus, memory(machine), network(machine));
    }

    private OptionalInt memory(Tdl.MachineWish machine) {
        String text = line(machine.memory, "memory");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        // A bare number is MiB here, as in the configuration.
        OptionalLong bytes = Sizes.parse(text.matches("[0-9]+") ? text + " MiB" : text);
        long mib = bytes.orElse(0) >> 20;
        if (mib < LEAST_MEMORY || mib > MOST_MEMORY) {
            findings.add(
                    machine.memory,
                    "memory \"" + shown(text) + "\" won't do; write a number of MiB, or with a unit such as GiB, from "
                            + LEAST_MEMORY + " MiB to 16 TiB");
            return OptionalInt.empty();
        }
        return OptionalInt.of((int) mib);
    }

    private Optional<Network> network(Tdl.MachineWish machine) {
        String text = line(machine.network, "network");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (text.equals("user")) {
            return Optional.of(new Network.User());
        }
        Matcher named = NETWORK.matcher(text);
        if (!named.matches()) {
            findings.add(
                    machine.network,
                    "network \"" + shown(text) + "\" is not known; allowed are user, network:NAME and bridge:NAME");
            return Optional.empty();
        }
        return Optional.of(
                named.group(1).equals("bridge")
                        ? new Network.Bridge(named.group(2))
                        : new Network.Libvirt(named.group(2)));
    }

    private OwnAnswers answers(Tdl.@Nullable Auto auto) {
        if (auto == null) {
            return OwnAnswers.NONE;
        }
        Optional<URI> source = Optional.empty();
        String src = strip(auto.src);
        if (src == null && auto.append == null) {
            findings.add(auto, "<auto> says nothing; it takes an attribute src, an element <append>, or both");
        } else if (src != null && src.isEmpty()) {
            findings.add(auto, "the attribute src of <auto> is empty");
        } else if (src != null) {
            source = answerFile(auto, src);
        }
        Optional<String> append = Optional.empty();
        if (auto.append != null) {
            String text = auto.append.text == null ? "" : auto.append.text.strip();
            if (text.isEmpty()) {
                findings.add(auto.append, "<append> is empty");
            } else {
                append = Optional.of(text);
            }
        }
        return new OwnAnswers(source, append);
    }

    /** An address, or a path beside the template. */
    private Optional<URI> answerFile(Tdl.Auto auto, String src) {
        if (src.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            return Optional.of(uri(auto, src, "src"));
        }
        if (folder == null) {
            findings.add(auto, "src \"" + shown(src) + "\" is relative, and the template does not come from a file");
            return Optional.empty();
        }
        try {
            Path file = folder.resolve(src);
            if (options.localFiles() && !Files.isRegularFile(file)) {
                findings.warn(auto, "there is no file " + shown(src) + " beside the template, which an install needs");
            }
            return Optional.of(uri(auto, file.toUri().toString(), "src"));
        } catch (InvalidPathException e) {
            findings.add(auto, "src \"" + shown(src) + "\" names no file");
            return Optional.empty();
        }
    }

    private static String arches() {
        return Arrays.stream(Arch.values()).map(Arch::toString).collect(Collectors.joining(", "));
    }

    private static Install nowhere() {
        return new Install(InstallType.URL, NOWHERE, List.of(), Optional.empty(), Optional.empty(), List.of());
    }

    private Install install(Tdl.OperatingSystem os) {
        Tdl.Medium medium = os.install;
        if (medium == null) {
            findings.add(os, "<os> lacks <install>, which says what to install from: a url or an iso");
            return nowhere();
        }
        String type = strip(medium.type);
        if (type == null) {
            findings.add(medium, "<install> lacks its attribute type; allowed are url and iso");
            return nowhere();
        }
        return switch (type) {
            case "url" -> tree(medium);
            case "iso" -> image(medium);
            default -> {
                findings.add(medium, "install type \"" + shown(type) + "\" is not known; allowed are url and iso");
                yield nowhere();
            }
        };
    }

    private Install tree(Tdl.Medium medium) {
        List<Tdl.@Nullable Node> others = new ArrayList<>(sums(medium));
        others.addAll(Arrays.asList(medium.iso, medium.signature, medium.extras));
        others.addAll(medium.mirror);
        for (Tdl.@Nullable Node other : others) {
            if (other != null) {
                findings.add(
                        other,
                        "<install type=\"url\"> takes <url> alone; <iso>, sums and <extras> go with type=\"iso\"");
            }
        }
        if (medium.url == null && medium.iso != null) {
            return nowhere(); // said already: the one stands where the other belongs
        }
        URI location = location(medium, medium.url, "url");
        if ("file".equals(location.getScheme()) && !location.equals(NOWHERE)) {
            findings.add(
                    medium.url,
                    "url \"" + shown(location.toString())
                            + "\" is a folder of this host, which a guest can't see; serve it" + " over http");
        }
        return new Install(InstallType.URL, location, List.of(), Optional.empty(), Optional.empty(), List.of());
    }

    private Install image(Tdl.Medium medium) {
        if (medium.url != null) {
            findings.add(medium.url, "<install type=\"iso\"> takes <iso>; <url> goes with type=\"url\"");
            if (medium.iso == null) {
                return nowhere();
            }
        }
        Optional<ChecksumSource> checksum = checksum(medium);
        return new Install(
                InstallType.ISO,
                location(medium, medium.iso, "iso"),
                medium.mirror.stream()
                        .map(mirror -> location(medium, mirror, "mirror"))
                        .toList(),
                checksum,
                signature(medium.signature, checksum),
                extras(medium.extras));
    }

    private static List<Tdl.@Nullable Text> sums(Tdl.Medium medium) {
        return Arrays.<Tdl.@Nullable Text>asList(
                medium.md5sum,
                medium.sha1sum,
                medium.sha256sum,
                medium.sha512sum,
                medium.md5,
                medium.sha1,
                medium.sha256,
                medium.sha512);
    }

    private Optional<ChecksumSource> checksum(Tdl.Medium medium) {
        List<Tdl.@Nullable Text> nodes = sums(medium);
        List<ChecksumSource> found = new ArrayList<>();
        List<Tdl.Text> given = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Tdl.Text node = nodes.get(i);
            if (node == null) {
                continue;
            }
            given.add(node);
            String algorithm = SUMS.get(i % SUMS.size());
            String element = algorithm.replace("-", "").toLowerCase(Locale.ROOT);
            found.add(
                    i < SUMS.size()
                            ? new ChecksumSource.SumFile(algorithm, location(medium, node, element + "sum"))
                            : new ChecksumSource.Sum(algorithm, hex(node, element, SUM_DIGITS.get(i % SUMS.size()))));
        }
        given.sort(Comparator.comparing(node -> node.spot, Spot.IN_ORDER));
        for (Tdl.Text surplus : given.subList(Math.min(1, given.size()), given.size())) {
            findings.add(surplus, "<install> has " + given.size() + " checksums; give one");
        }
        for (ChecksumSource weak : found) {
            if (List.of("MD5", "SHA-1").contains(weak.algorithm())) {
                findings.warn(
                        given.get(0),
                        weak.algorithm() + " sums tell broken transfers, and no forged media; give a SHA-256 sum");
            }
        }
        return found.stream().findFirst();
    }

    private String hex(Tdl.Text node, String element, int digits) {
        String sum = line(node, element).toLowerCase(Locale.ROOT);
        if (!sum.isEmpty() && !sum.matches("[0-9a-f]{" + digits + "}")) {
            findings.add(
                    node,
                    element + " \"" + shown(sum) + "\" is no such sum: it has " + digits
                            + " hexadecimal digits (the address of a file of sums goes into <" + element + "sum>)");
        }
        return sum;
    }

    private Optional<Signature> signature(Tdl.@Nullable Signature node, Optional<ChecksumSource> checksum) {
        if (node == null) {
            return Optional.empty();
        }
        String key = node.key == null ? "" : attribute(node, node.key, "signature", "key");
        String fingerprint = key.replaceAll("\\s", "").toUpperCase(Locale.ROOT);
        if (FINGERPRINT.matcher(fingerprint).matches()) {
            key = fingerprint;
        } else if (!key.isEmpty() && !key.contains("://")) {
            findings.add(
                    node,
                    "key \"" + shown(key) + "\" is neither a fingerprint of 40 or 64 hexadecimal digits nor the"
                            + " address of a file that holds the key");
        } else if (!key.isEmpty()) {
            uri(node, key, "key");
        }
        String text = node.text == null ? "" : node.text.strip();
        if (text.isEmpty() && !(checksum.orElse(null) instanceof ChecksumSource.SumFile)) {
            findings.add(
                    node, "<signature> is empty, which means a clear-signed file of sums, and there is no such file");
        }
        return Optional.of(new Signature(
                text.isEmpty() ? Optional.empty() : Optional.of(uri(node, text, "signature")),
                node.key == null ? Optional.empty() : Optional.of(key)));
    }

    private List<Extra> extras(Tdl.@Nullable Extras extras) {
        List<Extra> made = new ArrayList<>();
        Set<String> destinations = new HashSet<>();
        for (Tdl.Addition item : extras == null ? List.<Tdl.Addition>of() : extras.items) {
            boolean directory = item instanceof Tdl.ExtraDirectory;
            String element = directory ? "directory" : "file";
            String destination = attribute(item, item.destination, element, "destination");
            if (!destination.isEmpty() && (destination.matches("[/\\\\].*|[A-Za-z]:.*") || !isNormal(destination))) {
                findings.add(
                        item,
                        "destination \"" + shown(destination) + "\" is no path inside the medium; write one such as"
                                + " drivers/a.msi: relative, without \"..\" or empty parts");
            }
            if (!destinations.add(destination)) {
                findings.warn(item, "destination \"" + shown(destination) + "\" is used twice; " + LATER_WINS);
            }
            String source = attribute(item, item.source, element, "source");
            if (!source.isEmpty()) {
                URI from = uri(item, source, "source");
                if (directory && String.valueOf(from.getScheme()).startsWith("http")) {
                    findings.add(
                            item,
                            "directory source \"" + shown(source) + "\" is refused: a web server has no way to list a"
                                    + " folder; name each <file>, or use ftp or file");
                }
                made.add(new Extra(directory, from, destination));
            }
        }
        return made;
    }

    /** Whether a path has no empty part and none that means this folder or the one above. */
    private static boolean isNormal(String path) {
        return Arrays.stream(path.split("[/\\\\]", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    private List<Disk> disks(List<Tdl.Disk> disks) {
        List<Disk> made = new ArrayList<>();
        for (Tdl.Disk disk : disks) {
            if (disk.size == null && (made.size() > 0 || (disk.format == null && disk.layout == null))) {
                findings.add(disk, "<size> is missing here");
            }
            String label = strip(disk.format);
            Optional<ImageFormat> format = label == null ? Optional.empty() : ImageFormat.of(label);
            if (label != null && format.isEmpty()) {
                findings.add(
                        disk,
                        "disk format \"" + shown(label) + "\" is not known; allowed are "
                                + Arrays.stream(ImageFormat.values())
                                        .map(ImageFormat::label)
                                        .collect(Collectors.joining(", ")));
            }
            OptionalLong size = size(disk.size, line(disk.size, "size"), "disk size");
            made.add(new Disk(size, format, Optional.ofNullable(disk.layout).map(layout -> layout(layout, size))));
        }
        return made;
    }

    private OptionalLong size(Tdl.@Nullable Node node, String text, String what) {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        OptionalLong bytes = Sizes.parse(text);
        if (bytes.isEmpty()) {
            findings.add(
                    node, what + " \"" + shown(text) + "\" is no size of 1 b or more; allowed is " + Sizes.ALLOWED);
        } else if (bytes.getAsLong() > Sizes.LARGEST_DISK) {
            findings.warn(node, what + " \"" + shown(text) + "\" is more than any image can hold");
        }
        return bytes;
    }

    private Layout layout(Tdl.Layout layout, OptionalLong disk) {
        Set<String> mounts = new HashSet<>();
        List<Partition> partitions = new ArrayList<>();
        List<VolumeGroup> groups = new ArrayList<>();
        int open = 0;
        for (Tdl.Slice item : layout.partitions) {
            Partition partition = partition(item, "partition", mounts);
            partitions.add(partition);
            open += partition.size().isPresent() ? 0 : 1;
        }
        Set<String> names = new HashSet<>();
        for (Tdl.Group item : layout.groups) {
            VolumeGroup group = group(item, names, mounts);
            groups.add(group);
            open += group.size().isPresent() ? 0 : 1;
        }
        if (open > 1) {
            findings.add(layout, "<layout> has " + open + " parts without a size; one alone can take what is left");
        }
        if (!mounts.contains("/")) {
            findings.add(layout, "<layout> has nothing that is mounted at /");
        }
        Layout made = new Layout(partitions, groups);
        if (disk.isPresent() && made.size() > disk.getAsLong()) {
            findings.add(layout, "<layout> takes " + made.size() + " bytes of a disk that has " + disk.getAsLong());
        }
        return made;
    }

    private VolumeGroup group(Tdl.Group item, Set<String> names, Set<String> mounts) {
        String name = volumeName(item, item.name, "volume-group", names);
        List<Partition> volumes = new ArrayList<>();
        Set<String> volumeNames = new HashSet<>();
        for (Tdl.Slice volume : item.volumes) {
            volumeName(volume, volume.name, "volume", volumeNames);
            volumes.add(partition(volume, "volume", mounts));
        }
        if (volumes.stream().filter(volume -> volume.size().isEmpty()).count() > 1) {
            findings.add(
                    item, "two volumes of group \"" + shown(name) + "\" have no size; one alone can take the rest");
        }
        return new VolumeGroup(name, size(item, given(item.size), "size"), volumes);
    }

    private String volumeName(Tdl.Node node, @Nullable String text, String element, Set<String> names) {
        String name = attribute(node, text, element, "name");
        if (!name.isEmpty() && !VOLUME.matcher(name).matches()) {
            findings.add(node, element + " name \"" + shown(name) + "\" won't do; allowed are letters, digits and '_'");
        } else if (!name.isEmpty() && !names.add(name)) {
            findings.add(node, element + " name \"" + shown(name) + "\" is used twice");
        }
        return name;
    }

    private Partition partition(Tdl.Slice item, String element, Set<String> mounts) {
        String filesystem = attribute(item, item.filesystem, element, "filesystem");
        if (!filesystem.isEmpty() && !FILESYSTEMS.contains(filesystem)) {
            findings.add(
                    item,
                    "filesystem \"" + shown(filesystem) + "\" is not known; allowed are "
                            + String.join(", ", FILESYSTEMS));
        }
        Optional<String> mount = Optional.ofNullable(strip(item.mount));
        if (mount.isPresent() == filesystem.equals("swap")) {
            findings.add(
                    item,
                    mount.isPresent()
                            ? "swap is not mounted; take mount out"
                            : "<" + element + "> lacks its attribute mount");
        } else if (mount.isPresent() && !isMount(mount.get())) {
            findings.add(
                    item,
                    "mount \"" + shown(mount.get()) + "\" is no absolute path of at most 4095 letters, digits, '_', '-'"
                            + " and '.', without \"..\" and \".\"");
        } else if (mount.isPresent() && !mounts.add(mount.get())) {
            findings.add(item, "mount \"" + shown(mount.get()) + "\" is used twice");
        }
        return new Partition(
                item.name == null ? "" : item.name.strip(), mount, size(item, given(item.size), "size"), filesystem);
    }

    private static boolean isMount(String path) {
        return path.equals("/") || (MOUNT.matcher(path).matches() && isNormal(path.substring(1)));
    }

    private static String given(@Nullable String attribute) {
        return attribute == null ? "" : attribute.strip();
    }

    private List<Repository> repositories(Tdl.@Nullable Repositories repositories) {
        List<Repository> made = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Tdl.Source item : repositories == null ? List.<Tdl.Source>of() : repositories.items) {
            String name = attribute(item, item.name, "repository", "name");
            warnOfSecond(names, item, "repository", name, LATER_WINS);
            if (name.startsWith(".") || name.matches(".*[/\\\\\\[\\]].*")) {
                findings.add(
                        item,
                        "repository name \"" + shown(name)
                                + "\" can't name a file in the guest; write it without a leading '.' and without"
                                + " '/', '\\', '[' and ']'");
            }
            made.add(new Repository(
                    name,
                    line(item, item.url, "url"),
                    flag(item.signed, "signed", false),
                    flag(item.persisted, "persisted", true),
                    flag(item.sslverify, "sslverify", false)));
        }
        return Template.merge(List.of(), made, Repository::name);
    }

    private List<PackageRequest> packages(Tdl.@Nullable Packages packages) {
        List<PackageRequest> made = new ArrayList<>();
        for (Tdl.Request item : packages == null ? List.<Tdl.Request>of() : packages.items) {
            String name = attribute(item, item.name, "package", "name");
            made.add(new PackageRequest(
                    name,
                    optionalLine(item.repository, "repository", true),
                    optionalLine(item.file, "file", true),
                    optionalLine(item.arguments, "arguments", false)));
        }
        return made;
    }

    private List<GuestFile> files(Tdl.Root root) {
        Tdl.@Nullable Files files = root.files;
        boolean windows =
                root.os != null && root.os.name != null && "windows".equalsIgnoreCase(strip(root.os.name.text));
        List<GuestFile> made = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Tdl.Payload item : files == null ? List.<Tdl.Payload>of() : files.items) {
            String path = attribute(item, item.name, "file", "name");
            warnOfSecond(names, item, "file", path, LATER_WINS);
            if (!path.isEmpty()
                    && (!(GUEST_PATH.matcher(path).matches()
                                    || (windows && WINDOWS_PATH.matcher(path).matches()))
                            || !isNormal(path.replaceFirst("^/|^[A-Za-z]:[\\\\/]", "")))) {
                findings.add(
                        item,
                        "file name \"" + shown(path) + "\" is not the absolute path of a file, such as /etc/motd,"
                                + " without \"..\", \".\" and empty parts");
            }
            made.add(new GuestFile(path, content(item, false)));
        }
        return Template.merge(List.of(), made, GuestFile::path);
    }

    private List<Command> commands(Tdl.@Nullable Commands commands) {
        List<Tdl.Payload> items = commands == null ? List.of() : commands.items;
        Set<String> names = new HashSet<>();
        List<Placed> placed = new ArrayList<>();
        for (Tdl.Payload item : items) {
            String name = attribute(item, item.name, "command", "name");
            warnOfSecond(names, item, "command", name, "both run");
            placed.add(new Placed(position(item), new Command(name, content(item, true))));
        }
        checkPositions(items, placed);
        return placed.stream()
                .sorted(Comparator.comparingInt(Placed::position))
                .map(Placed::command)
                .toList();
    }

    /** A command and its position; 0 for none, -1 for a wrong one. */
    private record Placed(int position, Command command) {}

    private int position(Tdl.Payload item) {
        String text = strip(item.position);
        if (text == null) {
            return 0;
        }
        if (!text.matches(POSITION)) {
            findings.add(item, "position \"" + shown(text) + "\" is not a whole number from 1");
            return -1;
        }
        return Integer.parseInt(text);
    }

    private void checkPositions(List<Tdl.Payload> items, List<Placed> placed) {
        if (placed.stream().allMatch(one -> one.position == 0)
                || placed.stream().anyMatch(one -> one.position < 0)) {
            return;
        }
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < items.size(); i++) {
            int position = placed.get(i).position;
            String who = "command \"" + shown(placed.get(i).command.name()) + "\"";
            if (position == 0) {
                findings.add(items.get(i), who + " has no position while others have; give all commands one, or none");
            } else if (position > items.size()) {
                findings.add(
                        items.get(i),
                        who + " has position " + position + "; the positions of " + items.size()
                                + " commands run from 1 to " + items.size() + " without a gap");
            } else if (!taken.add(position)) {
                findings.add(items.get(i), who + " has position " + position + ", which another command has too");
            }
        }
    }

    private Content content(Tdl.Payload item, boolean command) {
        String type = item.type == null ? "raw" : item.type.strip();
        String element = command ? "command" : "file";
        String text = item.text == null ? "" : item.text;
        if (NOT_XML.matcher(text).find()) {
            findings.add(item, "<" + element + "> holds a character that XML can't; use type=\"base64\"");
        }
        if (text.isBlank() && (command || type.equals("url"))) {
            findings.add(item, "<" + element + "> is empty");
            return new Content.Text("");
        }
        return switch (type) {
            // A file's white space is its own; a script must begin with its #!.
            case "raw" -> new Content.Text(command ? text.strip() : text);
            case "base64" -> base64(item, text.replaceAll("\\s", ""), element);
            case "url" -> new Content.Url(uri(item, text.strip(), element));
            default -> {
                findings.add(
                        item, element + " type \"" + shown(type) + "\" is not known; allowed are raw, base64 and url");
                yield new Content.Text(text);
            }
        };
    }

    private Content base64(Tdl.Payload item, String encoded, String element) {
        try {
            Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            String odd = encoded.replaceAll("[A-Za-z0-9+/]|={1,2}$", "");
            findings.add(
                    item,
                    "<" + element + "> is not base64 (RFC 4648): "
                            + (odd.isEmpty()
                                    ? "it is cut short, or lacks a '=' at its end"
                                    : "it holds '" + shown(odd.substring(0, 1)) + "'"));
        }
        return new Content.Base64(encoded);
    }

    private boolean flag(Tdl.@Nullable Text node, String element, boolean byDefault) {
        if (node == null) {
            return byDefault;
        }
        String value = node.text == null ? "" : node.text.strip();
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "yes", "true" -> true;
            case "no", "false" -> false;
            default -> {
                findings.add(node, element + " \"" + shown(value) + "\" is neither yes nor no (or true, false)");
                yield byDefault;
            }
        };
    }

    private URI location(Tdl.Node parent, Tdl.@Nullable Text node, String element) {
        String text = line(parent, node, element);
        return text.isEmpty() || node == null ? NOWHERE : uri(node, text, element);
    }

    private URI uri(Tdl.Node node, String text, String what) {
        String allowed = "; allowed are addresses with " + String.join(", ", SCHEMES) + ", such as ";
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            boolean local = scheme.equals("file");
            if (!SCHEMES.contains(scheme)) {
                String example = text.startsWith("/") ? "file://" + shown(text) : "https://example.org/file";
                findings.add(
                        node, what + " \"" + shown(text) + "\" is no address that can be fetched" + allowed + example);
            } else if (!local && (uri.getHost() == null || uri.getHost().isEmpty())) {
                findings.add(
                        node, what + " \"" + shown(text) + "\" names no server" + allowed + scheme + "://example.org/");
            } else if (uri.getPort() > LAST_PORT) {
                findings.add(
                        node, what + " \"" + shown(text) + "\" has a port beyond " + LAST_PORT + ", the last there is");
            } else if (local
                    && (uri.getPath() == null
                            || !uri.getPath().startsWith("/")
                            || !(uri.getHost() == null || uri.getHost().equalsIgnoreCase("localhost")))) {
                findings.add(
                        node,
                        what + " \"" + shown(text) + "\" is no file of this host; write file:///path/of/the/file");
            } else if (local && !options.localFiles()) {
                findings.add(
                        node,
                        what + " \"" + shown(text) + "\" is refused: this template may name no file of this host");
            } else {
                return local ? URI.create("file://" + uri.getRawPath()) : uri; // RFC 8089: localhost may be left out
            }
        } catch (URISyntaxException e) {
            findings.add(
                    node,
                    what + " \"" + shown(text) + "\" is no address: "
                            + e.getReason().toLowerCase(Locale.ROOT) + " at its character " + (e.getIndex() + 1)
                            + " (a space is written %20)");
        }
        return NOWHERE;
    }

    /** The value of a child that may be there and must then be one line; else empty. */
    private String line(Tdl.@Nullable Text node, String element) {
        return optionalLine(node, element, true).orElse("");
    }

    /** The value of a child that must be there and be one line; empty where it is not. */
    private String line(Tdl.Node parent, Tdl.@Nullable Text node, String element) {
        if (node == null) {
            findings.add(parent, "<" + element + "> is missing here");
            return "";
        }
        return optionalLine(node, element, true).orElse("");
    }

    private Optional<String> optionalLine(Tdl.@Nullable Text node, String element, boolean mustSay) {
        if (node == null) {
            return Optional.empty();
        }
        String value = node.text == null ? "" : node.text.strip();
        if (value.isEmpty()) {
            if (mustSay) {
                findings.add(node, "<" + element + "> is empty");
            }
            return Optional.empty();
        }
        if (CONTROL.matcher(value).find()) {
            findings.add(node, "<" + element + "> holds a line break or control character; write one line of text");
            return Optional.empty();
        }
        return Optional.of(value);
    }

    /** As other lines, whose messages quote no value either. */
    private Optional<String> secret(Tdl.@Nullable Text node, String element) {
        return optionalLine(node, element, true);
    }

    private Optional<String> optional(Tdl.@Nullable Text node, String element) {
        if (node == null || node.text == null || node.text.isBlank()) {
            return Optional.empty();
        }
        if (NOT_XML.matcher(node.text).find()) {
            findings.add(node, "<" + element + "> holds a character that XML can't");
        }
        return Optional.of(node.text.strip());
    }

    private String attribute(Tdl.Node node, @Nullable String value, String element, String attribute) {
        String stripped = strip(value);
        if (stripped == null) {
            findings.add(node, "<" + element + "> lacks its attribute " + attribute);
            return "";
        }
        if (stripped.isEmpty()) {
            findings.add(node, "the attribute " + attribute + " of <" + element + "> is empty");
        } else if (CONTROL.matcher(stripped).find()) {
            findings.add(node, "the attribute " + attribute + " of <" + element + "> holds a control character");
        }
        return stripped;
    }

    /** Version 1.0 always took a name that comes twice, so it is only odd. */
    private void warnOfSecond(Set<String> names, Tdl.Node node, String element, String name, String then) {
        if (!name.isEmpty() && !names.add(name)) {
            findings.warn(node, element + " name \"" + shown(name) + "\" is used twice; " + then);
        }
    }

    private static @Nullable String strip(@Nullable String text) {
        return text == null ? null : text.strip();
    }

    /** A value as messages show it: without credentials, and no longer than a line. */
    private static String shown(String value) {
        String safe = value.replaceAll("//[^/@\\s]*@", "//***@").replaceAll("\\p{Cntrl}", "?");
        return safe.length() <= 100 ? safe : safe.substring(0, 100) + "...";
    }
}
