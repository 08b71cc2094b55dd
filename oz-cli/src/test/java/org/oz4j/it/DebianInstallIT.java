package org.oz4j.it;

import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Firmware;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.Icicle;
import org.oz4j.ImageFormat;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.Plan;
import org.oz4j.TimeSource;
import org.oz4j.VisitChoices;
import org.oz4j.config.OzConfig;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;
import org.oz4j.disk.TreeDiff;
import org.oz4j.disk.TreeDiff.Times;
import org.oz4j.disk.guestfs.Guestfs;
import org.oz4j.icicle.IcicleFormat;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Debian 13's own installer, from the lab's mirror (-Doz.lab=FOLDER); half an hour without KVM. */
@Tag("vm")
@Timeout(value = 80, unit = TimeUnit.MINUTES)
class DebianInstallIT {
    // The last one has the initial ramdisk hold only what this machine needs, which saves minutes without KVM.
    private static final String LAB_ARGUMENTS = "mirror/udeb/suite=ozdi debian-installer/allow_unauthenticated=true"
            + " anna/no_kernel_modules=true base-installer/initramfs-tools/driver-policy=dep";

    // The lab's mirror lacks the installer's component that makes UEFI's file system; Debian's package has it too.
    private static final String FAT_TOOLS = "d-i partman/early_command string wget -O /tmp/fat.deb http://10.0.2.2:%d"
            + "/debian/pool/main/d/dosfstools/dosfstools_4.2-1.2_amd64.deb &amp;&amp; udpkg --unpack /tmp/fat.deb";

    private static final int MEMORY = 2048;

    /** An image of Debian 13 that these tests installed before, if any. */
    private static final String KEPT = System.getProperty("oz.debian.image", "");

    /** Where one is kept that these tests install; by later runs it is taken in place of an install of the very same. */
    private static final String KEEP = System.getProperty("oz.debian.keep", "");

    /** What differs from run to run: identities, tokens and salted hashes. */
    private static final Pattern ANY_RUN = Pattern.compile(
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|\\$6\\$[./0-9A-Za-z$=]+|/tmp/[^ '\"<]+");

    private static final Pattern BY_PACKAGE_MANAGER = Pattern.compile(
            "/var/lib/dpkg/.*|/var/lib/apt/.*|/var/cache/apt/.*" + "|/var/log/(apt/.*|dpkg\\.log|alternatives\\.log)");
    // the last two are systemd's: timers that were due while the image was off, of which one keeps dpkg's books
    private static final Pattern BY_ANY_BOOT = Pattern.compile(
            "/boot/grub/grubenv|/etc/resolv\\.conf|/var/lib/systemd/random-seed|/var/log/(wtmp.*|lastlog|journal/.*)"
                    + "|/var/lib/systemd/timers/stamp-.*|/var/backups/(dpkg|alternatives|apt)\\..*");

    @TempDir
    static Path folder;

    private static int port;
    private static List<Process> servers = List.of();

    @BeforeAll
    static void servesTheMirror() throws Exception {
        Lab.assumeMachines();
        String lab = System.getProperty("oz.lab", "");
        assumeTrue(
                !lab.isEmpty() && Files.exists(Path.of(lab, "serve")),
                "needs the lab's Debian mirror: -Doz.lab=FOLDER of it");
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path log = folder.resolve("mirror.log");
        Files.createDirectories(folder.resolve("cache"));
        servers = List.of(new ProcessBuilder(
                        Path.of(lab, "serve").toString(),
                        Path.of(lab, "tree").toString(),
                        folder.resolve("cache").toString(),
                        Integer.toString(port),
                        log.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("serve.log").toFile())
                .start());
    }

    @AfterAll
    static void stopsTheMirror() {
        servers.forEach(Process::destroy);
    }

    private static String template(String name) {
        return """
                <template version="1.0">
                  <name>%s</name>
                  <os>
                    <name>Debian</name><version>13</version><arch>x86_64</arch>
                    <install type="url"><url>http://127.0.0.1:%d/debian/</url></install>
                    <rootpw>sesame open</rootpw>
                    <kernelparam>%s</kernelparam>
                  </os>
                </template>
                """
                .formatted(name, port, LAB_ARGUMENTS);
    }

    @Test
    void installsAnImageThatCanBeCustomisedAndListed() throws Exception {
        Path tdl = Files.writeString(folder.resolve("trixie.tdl"), template("trixie"));
        Path disk = folder.resolve("images/trixie.dsk");
        Optional<Path> kept = kept();
        if (kept.isPresent() && Files.exists(kept.get())) {
            System.out.println("Debian was installed by an earlier run, of the very same: " + kept.get());
            copy(kept.get(), disk);
        } else {
            install(tdl);
            if (kept.isPresent()) {
                keep(disk, kept.get());
            }
        }
        OzConfig config =
                Lab.config(folder, MEMORY).toBuilder().cachePackages(true).build();
        try (Oz oz = Oz.builder().config(config).build()) {
            InstalledImage image = oz.guest(Template.parse(template("trixie"))).imageAt(disk);
            List<Icicle.Item> inside = customises(oz, image);
            listsOffline(oz, image, inside);
        }
        Lab.assertNothingLeft(folder, "trixie");
    }

    /** Where an image of Debian 13 is, or is to be kept, that such an install has made: its name has a sum of all that goes in. */
    private static Optional<Path> kept() throws Exception {
        if (!KEPT.isEmpty()) {
            return Optional.of(Path.of(KEPT));
        }
        if (KEEP.isEmpty()) {
            return Optional.empty();
        }
        MessageDigest sum = MessageDigest.getInstance("SHA-256");
        Path tree = Path.of(System.getProperty("oz.lab"), "tree");
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                sum.update((tree.relativize(file) + " " + Lab.sha256(file) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        Plan plan;
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            plan = oz.guest(Template.parse(template("trixie"))).plan(false);
        }
        String all = plan.way() + "\n" + plan.answerFile().content().orElseThrow() + "\n" + plan.domainXml();
        // an install after a week may well be another: Debian goes on
        String week = Long.toString(TimeSource.system().now().getEpochSecond() / (7 * 24 * 3600));
        sum.update(ANY_RUN.matcher(all.replace(folder.toString(), "").replace(":" + port, ""))
                .replaceAll("")
                .getBytes(StandardCharsets.UTF_8));
        String name = HexFormat.of().formatHex(sum.digest(), 0, 8);
        return Optional.of(Path.of(KEEP, "trixie-" + week + "-" + name + ".dsk"));
    }

    /** Keeps an image for later runs, in the place of those of others. */
    private static void keep(Path disk, Path kept) throws Exception {
        Files.createDirectories(kept.getParent());
        try (DirectoryStream<Path> old = Files.newDirectoryStream(kept.getParent(), "trixie-*.dsk*")) {
            for (Path one : old) {
                Files.delete(one);
            }
        }
        Path part = kept.resolveSibling(kept.getFileName() + ".part");
        copy(disk, part);
        Files.move(part, kept, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void copy(Path image, Path to) throws Exception {
        Files.createDirectories(to.getParent());
        assertThat(new ProcessBuilder("cp", "--sparse=always", image.toString(), to.toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    // By an image that was installed before, as there is no time in CI: -Doz.it.excluded=none -Doz.debian.image=FILE
    @Tag("long")
    @Test
    void aFullCustomisingChangesWhatWasAskedForAndWhatPackagesBring() throws Exception {
        assumeTrue(!KEPT.isEmpty(), "needs an installed Debian 13: -Doz.debian.image=FILE");
        Path disk = folder.resolve("images/compared.dsk");
        copy(Path.of(KEPT), disk);
        Path file = big();
        SortedMap<String, FileEntry> before = tree(disk);
        OzConfig config =
                Lab.config(folder, MEMORY).toBuilder().cachePackages(true).build();
        try (Oz oz = Oz.builder().config(config).build()) {
            Guest guest = oz.guest(full(file));
            guest.customizer().customize(guest.imageAt(disk), BuildListener.NONE, CancellationToken.create());
        }

        SortedMap<String, FileEntry> after = tree(disk);
        TreeDiff diff = TreeDiff.between(before, after, Times.OF_FILES);
        System.out.println("what a full customising of Debian changes:\n" + diff);
        Set<String> asked = Set.of("/etc/motd", "/srv/b $(touch pwned)", "/srv/big", "/root/order");
        Set<String> brought = new TreeSet<>();
        try (GuestFilesystem files = open(disk)) {
            for (String name : List.of("hello", "tree")) {
                brought.addAll(new String(files.read("/var/lib/dpkg/info/" + name + ".list"), StandardCharsets.UTF_8)
                        .lines()
                        .toList());
            }
        }
        List<String> changed =
                diff.changed().stream().map(TreeDiff.Change::path).toList();
        assertThat(Stream.concat(diff.added().stream(), changed.stream())).containsAll(asked);
        assertThat(diff.added())
                .filteredOn(path -> !asked.contains(path) && !brought.contains(path))
                .allMatch(path -> BY_PACKAGE_MANAGER.matcher(path).matches()
                        || BY_ANY_BOOT.matcher(path).matches());
        assertThat(changed)
                .filteredOn(path -> !asked.contains(path))
                .allMatch(path -> BY_PACKAGE_MANAGER.matcher(path).matches()
                        || BY_ANY_BOOT.matcher(path).matches());
        assertThat(diff.removed()).isEmpty();
        Lab.assertNothingLeft(folder, "compared");
    }

    private static SortedMap<String, FileEntry> tree(Path disk) throws Exception {
        try (GuestFilesystem files = open(disk)) {
            return files.walk("/");
        }
    }

    private static GuestFilesystem open(Path disk) throws Exception {
        return new Guestfs(Optional.empty(), TimeSource.system())
                .open(disk, ImageFormat.RAW, ImageOpener.Mode.READ_ONLY, folder);
    }

    private static void install(Path tdl) throws Exception {
        Path log = folder.resolve("trixie.log");
        Process oz = Lab.oz(folder, log, MEMORY, "install", tdl.toString());
        try {
            assertThat(oz.waitFor(75, TimeUnit.MINUTES)).isTrue();
            assertThat(oz.exitValue()).as(Lab.read(log)).isZero();
        } finally {
            oz.destroyForcibly();
        }
        Lab.assertNothingLeft(folder, "trixie");
        assertThat(folder.resolve("images/trixie.xml")).exists();
        assertThat(Lab.read(log)).contains("Of what guests downloaded");
    }

    // As long again as the other, so not in CI: -Doz.it.excluded=none runs it too.
    @Tag("long")
    @Test
    void installsByUefiWithALayoutAccountsAndALocaleOfTheTemplatesChoice() throws Exception {
        Template template = Template.parse(
                """
                <template version="1.1">
                  <name>choices</name>
                  <os>
                    <name>Debian</name><version>13</version><arch>x86_64</arch>
                    <install type="url"><url>http://127.0.0.1:%d/debian/</url></install>
                    <kernelparam>%s</kernelparam>
                    <firmware>uefi</firmware>
                    <users>
                      <user name="ann"><fullname>Ann O'Hara</fullname><password>it's "hers"</password>
                        <groups>sudo,adm</groups><ssh-keys>ssh-ed25519 AAAAC3 ann's key</ssh-keys></user>
                    </users>
                    <ssh-keys>ssh-ed25519 AAAAC4 root's key</ssh-keys>
                    <locale>de_AT.UTF-8</locale><keyboard>de</keyboard><timezone>Europe/Vienna</timezone>
                    <hostname>web1.example.org</hostname>
                  </os>
                  <auto><append>%s</append></auto>
                  <disk format="qcow2"><size>6 GiB</size>
                    <layout>
                      <partition mount="/boot" size="512 MB" filesystem="ext4"/>
                      <partition mount="/" filesystem="ext4"/>
                      <partition size="512 MB" filesystem="swap"/>
                    </layout>
                  </disk>
                  <commands><command name="look">
                    test -d /sys/firmware/efi; echo "efi $?"
                    findmnt -nro TARGET,FSTYPE /; findmnt -nro TARGET,FSTYPE /boot; findmnt -nro TARGET,FSTYPE /boot/efi
                    swapon --noheadings --show=TYPE
                    id -nG ann; getent passwd ann | cut -d: -f5; grep -c "ann's key" ~ann/.ssh/authorized_keys
                    stat -c %%U:%%a ~ann/.ssh/authorized_keys; grep -c "root's key" /root/.ssh/authorized_keys
                    grep LANG= /etc/default/locale; readlink /etc/localtime; hostname -f; grep XKBLAYOUT /etc/default/keyboard
                    passwd -S root | cut -d' ' -f2</command></commands>
                </template>
                """
                        .formatted(port, LAB_ARGUMENTS, FAT_TOOLS.formatted(port)));
        List<String> told = new ArrayList<>();
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            Guest guest = oz.guest(template);
            InstalledImage image = guest.installer().install();
            assertThat(image.firmware()).isEqualTo(Firmware.UEFI);
            guest.customizer()
                    .customize(
                            image,
                            event -> {
                                if (event instanceof BuildEvent.CommandOutput output) {
                                    told.add(output.line());
                                }
                            },
                            CancellationToken.create());
        }

        assertThat(told)
                .contains(
                        "efi 0",
                        "/ ext4",
                        "/boot ext4",
                        "/boot/efi vfat",
                        "partition",
                        "Ann O'Hara",
                        "ann:600",
                        "/usr/share/zoneinfo/Europe/Vienna",
                        "web1.example.org",
                        "XKBLAYOUT=\"de\"")
                .anySatisfy(line -> assertThat(line.split(" ")).contains("ann", "sudo", "adm"))
                .anySatisfy(line -> assertThat(line).startsWith("LANG=").contains("de_AT.UTF-8"))
                .filteredOn("1"::equals)
                .hasSize(2);
        Lab.assertNothingLeft(folder, "choices");
    }

    private static Path big() throws Exception {
        byte[] big = new byte[50 << 20];
        new Random(8).nextBytes(big);
        return Files.write(folder.resolve("big"), big);
    }

    /** One of each kind. */
    private static Template full(Path file) {
        return Template.parse(template("trixie")
                .replace(
                        "</template>",
                        """
                        <repositories><repository name="a 'lab'">
                          <url>http://127.0.0.1:%d/debian/ trixie main</url><signed>yes</signed><persisted>no</persisted>
                        </repository></repositories>
                        <packages><package name="hello"/><package name="tree"/></packages>
                        <files>
                          <file name="/etc/motd">Welcome
                        </file>
                          <file name="/srv/b $(touch pwned)" type="base64">AAECAw==</file>
                          <file name="/srv/big" type="url">%s</file>
                        </files>
                        <precommands>
                          <command name="pre">echo pre >/root/order; mkdir -p /srv</command>
                          <command name="repo">ls /etc/apt/sources.list.d</command>
                        </precommands>
                        <commands>
                          <command name="look" position="1">cat /etc/debian_version; hostname; hello >>/root/order
                            grep -ri proxy /etc/apt; ls /etc/apt/apt.conf 2>&amp;1 || true</command>
                          <command name="sums" position="2">sha256sum /srv/big; od -An -tx1 '/srv/b $(touch pwned)'</command>
                          <command name="list" position="3">dpkg-query -W</command>
                        </commands>
                        </template>
                        """
                                .formatted(port, file.toUri())));
    }

    /**
     * Puts one of each kind into the image, by the way in that edits it, and seals it; then lists what is inside, by the
     * cheapest way in.
     */
    private static List<Icicle.Item> customises(Oz oz, InstalledImage image) throws Exception {
        Path file = big();
        Template template = full(file);
        Map<String, List<String>> printed = new HashMap<>();
        oz.guest(
                        template,
                        GuestOptions.defaults()
                                .withVisit(VisitChoices.NONE
                                        .withAccess("offline edit")
                                        .withSeal(true)))
                .customizer()
                .customize(
                        image,
                        event -> {
                            if (event instanceof BuildEvent.CommandOutput output) {
                                printed.computeIfAbsent(output.command(), command -> new ArrayList<>())
                                        .add(output.line());
                            }
                        },
                        CancellationToken.create());
        assertThat(printed.get("precommand repo"))
                .anyMatch(name -> name.startsWith("a__lab_") && name.endsWith(".list"));
        assertThat(printed.get("command look"))
                .as("the proxy was for the installer alone")
                .satisfiesExactly(
                        version -> assertThat(version).startsWith("13"),
                        name -> assertThat(name).isEqualTo("trixie"),
                        none -> assertThat(none)
                                .isEqualTo("ls: cannot access '/etc/apt/apt.conf': No such file or directory"));
        assertThat(printed.get("command sums")).containsExactly(Lab.sha256(file) + "  /srv/big", " 00 01 02 03");

        Guest guest = oz.guest(template);
        Icicle icicle = guest.icicleGenerator().generate(image, BuildListener.NONE, CancellationToken.create());

        List<String> listed = printed.getOrDefault("command list", List.of()).stream()
                .map(line -> line.split("\t")[0])
                .toList();
        assertThat(listed).contains("hello", "tree", "openssh-server");
        assertThat(icicle.packages()).extracting(Icicle.Item::name).containsExactlyInAnyOrderElementsOf(listed);
        for (IcicleFormat format : IcicleFormat.values()) {
            Sboms.assertValid(
                    format,
                    format.write(icicle, Optional.empty(), TimeSource.system().now()));
        }
        return icicle.packages();
    }

    private static void listsOffline(Oz oz, InstalledImage image, List<Icicle.Item> inside) throws Exception {
        Guest guest = oz.guest(
                Template.parse(template("trixie")),
                GuestOptions.defaults().withVisit(VisitChoices.NONE.withOffline(true)));

        Icicle icicle = guest.icicleGenerator().generate(image, BuildListener.NONE, CancellationToken.create());

        assertThat(icicle.packages().stream().map(DebianInstallIT::inWholeSeconds))
                .containsExactlyElementsOf(inside);
        try (GuestFilesystem files = open(image.disk())) {
            assertThat(files.exists("/etc/oz-access")).isFalse();
            assertThat(files.exists("/etc/systemd/system/ssh.service.d")).isFalse();
            assertThat(files.list("/etc/apt/sources.list.d")).isEmpty();
            assertThat(files.read("/etc/machine-id")).isEmpty();
            assertThat(files.list("/etc/ssh")).noneMatch(name -> name.startsWith("ssh_host"));
            assertThat(files.list("/srv")).containsExactly("b $(touch pwned)", "big");
            assertThat(files.read("/root/order")).asString().isEqualTo("pre\nHello, world!\n");
        }
    }

    /** dpkg-query tells no parts of seconds. */
    private static Icicle.Item inWholeSeconds(Icicle.Item item) {
        return new Icicle.Item(
                item.name(),
                item.version(),
                item.arch(),
                item.source(),
                item.vendor(),
                item.licence(),
                item.installed().map(time -> time.truncatedTo(ChronoUnit.SECONDS)),
                item.homepage(),
                item.extra());
    }

    /**
     * An answer file that is broken in one way.
     *
     * @param line what to add, or what to take out where it begins with a hyphen
     * @param told what the failure must quote
     */
    record Broken(String name, String line, String told) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Broken> brokenAnswers() {
        return List.of(
                new Broken("nomirror", "d-i mirror/http/hostname string 10.0.2.2:9", "mirror"),
                new Broken("nodisk", "d-i partman-auto/disk string /dev/xyz", "disk"));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("brokenAnswers")
    void quotesWhatTheInstallerShowsOfABrokenAnswerFile(Broken broken) throws Exception {
        quotes(broken);
    }

    @Tag("long")
    @Test
    void quotesAQuestionThatAnAnswerFileLeavesOpen() throws Exception {
        quotes(new Broken("question", "-passwd/", "password"));
    }

    private static void quotes(Broken broken) throws Exception {
        List<String> lines = new ArrayList<>(answers());
        if (broken.line().startsWith("-")) {
            lines.removeIf(line -> line.contains(broken.line().substring(1)));
        } else {
            lines.add(broken.line());
        }
        Path file = Files.write(folder.resolve(broken.name() + ".cfg"), lines);
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            InstallFailedException failure = catchThrowableOfType(InstallFailedException.class, () -> oz.guest(
                            Template.parse(template(broken.name())),
                            GuestOptions.defaults().withAnswerFile(file))
                    .installer()
                    .install());

            assertThat(failure.kind()).isIn(Kind.INSTALLER_ERROR, Kind.QUESTION);
            assertThat(failure.problem().toLowerCase(Locale.ROOT)).contains(broken.told());
            assertThat(failure.screen()).isNotEmpty();
        }
        Lab.assertNothingLeft(folder, broken.name());
    }

    private static List<String> answers() {
        return List.of(
                "d-i debian-installer/locale string en_US.UTF-8",
                "d-i keyboard-configuration/xkb-keymap select us",
                "d-i netcfg/choose_interface select auto",
                "d-i netcfg/get_hostname string broken",
                "d-i netcfg/get_domain string",
                "d-i mirror/country string manual",
                "d-i mirror/http/hostname string 10.0.2.2:" + port,
                "d-i mirror/http/directory string /debian",
                "d-i mirror/http/proxy string",
                "d-i mirror/suite string trixie",
                "d-i clock-setup/ntp boolean false",
                "d-i time/zone string Etc/UTC",
                "d-i passwd/root-password-crypted password *",
                "d-i passwd/make-user boolean false",
                "d-i partman-auto/disk string /dev/vda",
                "d-i partman-auto/method string regular",
                "d-i partman-auto/choose_recipe select atomic",
                "d-i partman/choose_partition select finish",
                "d-i partman/confirm boolean true",
                "d-i partman/confirm_nooverwrite boolean true");
    }
}
