package org.oz4j.os.redhat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Feature;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RedHatPluginTest {
    private static final URI TREE = URI.create("http://mirror.example.com/a tree/".replace(" ", "%20"));
    private static final URI ISO = URI.create("http://mirror.example.com/dvd.iso");
    private static final String TOKEN = "00112233445566778899aabbccddeeff";
    /** Every sign that some format takes for its own. */
    private static final String NASTY = "o'p\"e$n &s<e>\\s%a#m`e;";

    private static final RootPassword PASSWORD = new RootPassword(NASTY, "$6$saltsalt$hashhash");
    private static final RootPassword ANN = new RootPassword("-n " + NASTY, "$6$annsalt$annhash");

    /** What a template of version 1.1 may hold, by the feature that allows it. */
    private static final String ALL =
            """
            <template version="1.1">
              <name>full</name>
              <os>
                <name>%s</name><version>%s</version><arch>%s</arch>%s
                <install type="%s">%s</install>
                <users>
                  <user name="ann"><fullname>Ann O'Hara &amp; "$HOME"</fullname><password>pass</password>
                    <groups>wheel, users</groups><ssh-keys>ssh-ed25519 AAAAC3 ann's key</ssh-keys></user>
                  <user name="bob"/>
                </users>
                <ssh-keys>
                  ssh-ed25519 AAAAC3 one $(reboot)
                  ssh-rsa AAAAB3
                </ssh-keys>
                <locale>%s</locale><keyboard>de</keyboard><timezone>Europe/Vienna</timezone>%s
              </os>
              <disk><size>20</size>
                <layout>%s</layout>
              </disk>
            </template>
            """;

    private static final String PARTS =
            """
            <partition mount="/boot" size="512 MB" filesystem="ext2"/>
            <partition mount="/" filesystem="%s"/>
            <partition size="1 GB" filesystem="swap"/>
            """;

    private static final String VOLUMES =
            """
            <volume-group name="sys">
              <volume name="root" mount="/" size="5 GB" filesystem="ext3"/>
              <volume name="swap" size="1 GB" filesystem="swap"/>
              <volume name="var" mount="/var" filesystem="ext3"/>
            </volume-group>
            """;

    private final RedHatPlugin plugin = new RedHatPlugin();

    private OsRelease release(String os, String version, Arch arch) {
        return plugin.releases().stream()
                .filter(each -> (each.os().equals(os) || each.names().contains(os))
                        && each.version().equals(version)
                        && each.arches().contains(arch))
                .findFirst()
                .orElseThrow();
    }

    private static Template template(OsRelease release, Arch arch, InstallType type) {
        var builder = Template.builder("guest", release.os(), release.version(), arch);
        return (type == InstallType.URL ? builder.url(TREE) : builder.iso(ISO)).build();
    }

    private static Template full(OsRelease release, Arch arch, InstallType type) {
        Set<Feature> can = release.features();
        String filesystem = can.contains(Feature.XFS) ? "xfs" : can.contains(Feature.EXT3) ? "ext3" : "ext2";
        String layout =
                can.contains(Feature.VOLUME_GROUPS) && type == InstallType.ISO ? VOLUMES : PARTS.formatted(filesystem);
        return Template.parse(ALL.formatted(
                release.os(),
                release.version(),
                arch,
                can.contains(Feature.UEFI) ? "<firmware>uefi</firmware>" : "",
                type.name().toLowerCase(Locale.ROOT),
                type == InstallType.URL ? "<url>" + TREE + "</url>" : "<iso>" + ISO + "</iso>",
                type == InstallType.ISO ? "de_AT.UTF-8" : "C.UTF-8",
                can.contains(Feature.HOSTNAME) ? "<hostname>web1.example.org</hostname>" : "",
                layout));
    }

    private GuestProfile profile(OsRelease release, Template template, MediaFacts facts) {
        boolean tree = template.os().install().type() == InstallType.URL;
        return plugin.profile(new ProfileRequest(
                template,
                release,
                facts,
                tree ? TREE : ISO,
                PASSWORD,
                template.os().setup().users().isEmpty() ? Map.of() : Map.of("ann", ANN),
                Optional.empty(),
                tree ? Optional.of(URI.create("http://10.0.2.2:4123/")) : Optional.empty(),
                TOKEN));
    }

    private GuestProfile profile(String os, String version, Arch arch, InstallType type) {
        OsRelease release = release(os, version, arch);
        return profile(release, template(release, arch, type), MediaFacts.none());
    }

    /** The Fedora whose installer a release has; not taken from the plugin. */
    private static int level(OsRelease release) {
        Map<String, Integer> enterprise = new HashMap<>();
        enterprise.putAll(Map.of("3", 1, "4", 3, "5", 6, "6", 13, "7", 19, "8", 28, "9", 34, "10", 40));
        String version = release.version();
        return switch (release.os()) {
            case "Fedora" -> version.equals("rawhide") ? 46 : Integer.parseInt(version);
            case "FedoraCore" -> Integer.parseInt(version);
            case "RedHatLinux" ->
                Map.of("7.0", -3, "7.1", -2, "7.2", -1, "7.3", -1, "8", 0, "9", 0)
                        .get(version);
            case "RHEL-2.1" -> -1;
            case "AlmaLinux", "Rocky", "OracleLinux", "CentOSStream" -> enterprise.get(version);
            default -> enterprise.get(release.os().replaceFirst(".*-", ""));
        };
    }

    private static boolean knowsSha512(OsRelease release) {
        boolean early5 = release.os().endsWith("-5") && Set.of("GOLD", "U1").contains(release.version());
        int level = level(release);
        return !early5 && (level >= 8 || release.os().endsWith("-5"));
    }

    @Test
    void everyReleaseGetsAFileThatItsInstallerTakes(@TempDir Path folder) throws Exception {
        int files = 0;
        Set<String> scripts = new TreeSet<>();
        List<String> wrong = new ArrayList<>();
        for (OsRelease release : plugin.releases()) {
            for (Arch arch : release.arches()) {
                for (InstallType type : release.installTypes()) {
                    for (Template template : List.of(template(release, arch, type), full(release, arch, type))) {
                        GuestProfile profile = profile(release, template, MediaFacts.none());
                        String text = profile.answers().content();
                        String what = release.title() + " " + arch + " " + type + ": ";
                        var report = KickstartChecker.check(
                                text, level(release), release.os().equals("RHEL-5"));
                        report.problems().forEach(problem -> wrong.add(what + problem));
                        List<String> root =
                                knowsSha512(release) ? List.of("--iscrypted", PASSWORD.sha512Crypt()) : List.of(NASTY);
                        if (!report.commands().getOrDefault("rootpw", List.of()).equals(List.of(root))) {
                            wrong.add(what + "the password of root");
                        }
                        boolean clear = text.contains("pass")
                                && knowsSha512(release)
                                && (text.contains(NASTY) || text.contains("o'\\''p"));
                        if (clear
                                || text.contains("${")
                                || text.replace("/dev/null", "").contains("null")) {
                            wrong.add(what + "holds a password in clear, or something not filled in");
                        }
                        if (profile.flow().success() instanceof SuccessSignal.ImageCheck == text.contains(TOKEN)) {
                            wrong.add(what + "the token");
                        }
                        report.sections().forEach((header, lines) -> {
                            if (!header.startsWith("%packages")) {
                                scripts.add(String.join("\n", lines) + "\n");
                            }
                        });
                        assertThat(profile.media()).as(what).allMatch(each -> each.isFor(type));
                        files++;
                    }
                }
            }
        }
        System.out.printf(
                "%d releases, %d kickstart files checked, %d different scripts read by bash%n",
                plugin.releases().size(), files, scripts.size());
        assertThat(wrong.stream().limit(20)).isEmpty();
        assertThat(files).isGreaterThan(5000);
        assertThat(scripts).hasSizeGreaterThan(20);
        for (String script : scripts) {
            Path file = Files.writeString(folder.resolve("script"), script);
            assertThat(run(folder, "bash", "-n", file.toString())).as(script).isEqualTo("0: ");
        }
    }

    private static String run(Path folder, String... command) throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue() + ": " + Files.readString(output);
    }

    @ParameterizedTest
    @CsvSource({
        "RedHatLinux, 7.0, I386, URL, false, redhatlinux-7.0.ks.cfg",
        "RHL, 9, I386, URL, true, redhatlinux-9-full.ks.cfg",
        "RHEL-2.1, U6, I386, URL, false, rhel-2.1.ks.cfg",
        "CentOS-3, U9, I386, ISO, false, centos-3.ks.cfg",
        "RHEL-4, U8, X86_64, ISO, false, rhel-4.ks.cfg",
        "FC, 6, I386, URL, true, fedoracore-6-full.ks.cfg",
        "RHEL-5, GOLD, X86_64, ISO, false, rhel-5-gold.ks.cfg",
        "SL-5, U11, X86_64, URL, true, sl-5-full.ks.cfg",
        "CentOS-6, 10, X86_64, ISO, true, centos-6-full.ks.cfg",
        "Fedora, 16, X86_64, URL, false, fedora-16.ks.cfg",
        "CentOS-7, 9, X86_64, ISO, true, centos-7-full.ks.cfg",
        "RHEL-8, 10, PPC64LE, URL, false, rhel-8-ppc64le.ks.cfg",
        "Rocky, 9, X86_64, ISO, true, rocky-9-full.ks.cfg",
        "Fedora, 44, AARCH64, URL, true, fedora-44-aarch64-full.ks.cfg",
        "AlmaLinux, 10, X86_64, ISO, false, almalinux-10.ks.cfg"
    })
    void writesTheKickstartFile(String os, String version, Arch arch, InstallType type, boolean full, String golden)
            throws IOException {
        OsRelease release = release(os, version, arch);
        Template template = full ? full(release, arch, type) : template(release, arch, type);
        String text = profile(release, template, MediaFacts.none()).answers().content();

        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(Path.of("src/test/resources/org/oz4j/os/redhat", golden), text);
        }
        assertThat(text).isEqualTo(golden(golden));
    }

    private String golden(String name) throws IOException {
        try (var expected = getClass().getResourceAsStream(name)) {
            assertThat(expected).as(name).isNotNull();
            return new String(expected.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({"RHL, 9", "RHEL-3, U9", "FC, 6"})
    void aPasswordInClearArrivesAsItIs(String os, String version) {
        String text = profile(os, version, Arch.I386, InstallType.URL).answers().content();
        String line = text.lines()
                .filter(each -> each.startsWith("rootpw"))
                .findFirst()
                .orElseThrow();

        assertThat(KickstartChecker.words(line)).as("shlex").containsExactly("rootpw", NASTY);
        assertThat(KickstartChecker.poptWords(line)).as("popt").containsExactly("rootpw", NASTY);
        assertThat(text).contains("passwords in clear");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-oops", "", "two\nlines"})
    void refusesAPasswordThatOldFilesCannotHold(String password) {
        OsRelease release = release("RHEL-4", "GOLD", Arch.I386);
        assertThatThrownBy(() -> plugin.profile(new ProfileRequest(
                        template(release, Arch.I386, InstallType.URL),
                        release,
                        MediaFacts.none(),
                        TREE,
                        new RootPassword(password, "$6$a$b"),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        TOKEN)))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("RHEL-4 GOLD")
                .hasMessageContaining("password");
    }

    /** Runs the script with stand-ins for what changes a system, in a folder that stands for the root. */
    private String runPost(Path folder, String text, String stubs) throws Exception {
        String script = KickstartChecker.check(text, 40, false).sections().entrySet().stream()
                .filter(each -> each.getKey().startsWith("%post"))
                .map(each -> String.join("\n", each.getValue()))
                .findFirst()
                .orElseThrow();
        for (String path : List.of("/root", "/home", "/etc", "/dev/ttyS1")) {
            script = script.replace(path, folder + path);
        }
        Files.createDirectories(folder.resolve("dev"));
        Files.createDirectories(folder.resolve("etc/sysconfig"));
        Files.writeString(folder.resolve("etc/group"), "users:x:100:\n");
        Path file = Files.writeString(folder.resolve("post"), stubs + script);
        return run(folder, "bash", file.toString());
    }

    private static final String STUBS =
            """
            useradd() { printf '[%s]' useradd "$@"; echo; }
            groupadd() { echo groupadd "$@"; }
            chown() { :; }
            restorecon() { return 127; }
            """;

    @Test
    void theScriptMakesTheAccountsAndTellsOfSuccess(@TempDir Path folder) throws Exception {
        OsRelease release = release("Rocky", "9", Arch.X86_64);
        String text = profile(release, full(release, Arch.X86_64, InstallType.URL), MediaFacts.none())
                .answers()
                .content();

        assertThat(runPost(folder, text, STUBS))
                .isEqualTo(
                        """
                        0: groupadd wheel
                        [useradd][-m][-c][Ann O'Hara & "$HOME"][-G][wheel,users][-p][$6$annsalt$annhash][ann]
                        [useradd][-m][bob]
                        """);
        assertThat(folder.resolve("root/.ssh/authorized_keys"))
                .hasContent("ssh-ed25519 AAAAC3 one $(reboot)\nssh-rsa AAAAB3\n");
        assertThat(folder.resolve("home/ann/.ssh/authorized_keys")).hasContent("ssh-ed25519 AAAAC3 ann's key\n");
        assertThat(folder.resolve("etc/locale.conf")).hasContent("LANG=C.UTF-8\n");
        assertThat(Files.readString(folder.resolve("dev/ttyS1"))).isEqualTo("\n" + TOKEN + "\n");
    }

    @Test
    void theScriptTellsNothingOfSuccessWhereAnAccountCouldNotBeMade(@TempDir Path folder) throws Exception {
        OsRelease release = release("Rocky", "9", Arch.X86_64);
        String text = profile(release, full(release, Arch.X86_64, InstallType.URL), MediaFacts.none())
                .answers()
                .content();

        assertThat(runPost(folder, text, STUBS + "useradd() { return 9; }\n")).startsWith("9: ");
        assertThat(folder.resolve("dev/ttyS1")).doesNotExist();
    }

    @Test
    void anOldSystemHashesAUsersPasswordByItself(@TempDir Path folder) throws Exception {
        OsRelease release = release("RHL", "9", Arch.I386);
        String text = profile(release, full(release, Arch.I386, InstallType.URL), MediaFacts.none())
                .answers()
                .content();
        String stubs = STUBS + "passwd() { echo passwd \"$@\"; cat; }; mknod() { echo mknod \"$@\"; }\n";

        assertThat(runPost(folder, text + "%end\n", stubs))
                .contains("passwd --stdin ann\n" + ANN.clearText() + "\n", "mknod ");
        assertThat(Files.readString(folder.resolve("dev/ttyS1"))).isEqualTo("\n" + TOKEN + "\n");
    }

    private static String essentials(GuestProfile profile) {
        StringBuilder text = new StringBuilder();
        Consumer<String> line = each -> text.append(each).append('\n');
        var machine = profile.machine();
        line.accept("machine " + machine.nic().label() + " " + machine.diskBus().label() + " "
                + machine.firmware() + " " + machine.clock() + " " + machine.pointer() + " "
                + machine.minimumMemoryMiB() + " MiB");
        for (MediaRecipe recipe : profile.media()) {
            if (recipe instanceof DirectKernel direct) {
                line.accept("kernel " + direct.kernel().path() + " "
                        + direct.initrd().path() + " | " + direct.arguments() + " | " + direct.answerPath());
            } else if (recipe instanceof AnswerVolume volume) {
                line.accept("volume " + volume.label() + ":" + volume.answerPath());
            } else if (recipe instanceof RemasteredIso iso) {
                line.accept("iso " + new TreeSet<>(iso.kernels()) + " | " + iso.arguments() + " | " + iso.answerPath()
                        + " | not " + new TreeSet<>(iso.passOver()));
            }
        }
        line.accept("success " + profile.flow().success());
        profile.access().forEach(each -> line.accept("access " + each));
        line.accept("packages " + profile.packages().map(each -> each.name()).orElse("none"));
        return text.toString();
    }

    @Test
    void describesMachinesAndMedia() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String[] each : new String[][] {
            {"RHL", "7.0", "I386", "URL"},
            {"RHEL-2.1", "U6", "I386", "URL"},
            {"CentOS-4", "U8", "X86_64", "ISO"},
            {"RHEL-5", "U3", "I386", "ISO"},
            {"CentOS-6", "10", "X86_64", "URL"},
            {"Fedora", "17", "X86_64", "ISO"},
            {"CentOS-7", "0", "X86_64", "ISO"},
            {"RHEL-7", "9", "PPC64LE", "URL"},
            {"RHEL-8", "4", "X86_64", "ISO"},
            {"Fedora", "44", "AARCH64", "URL"},
            {"RHEL-10", "0", "X86_64", "URL"}
        }) {
            text.append("== ").append(String.join(" ", each)).append('\n');
            text.append(essentials(profile(each[0], each[1], Arch.valueOf(each[2]), InstallType.valueOf(each[3]))));
        }
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(Path.of("src/test/resources/org/oz4j/os/redhat/profiles.txt"), text);
        }
        assertThat(text).hasToString(golden("profiles.txt"));
    }

    private GuestProfile onMedium(String os, String version, Set<String> paths, String treeinfo) {
        OsRelease release = release(os, version, Arch.X86_64);
        Map<String, String> texts = treeinfo.isEmpty() ? Map.of() : Map.of(".treeinfo", treeinfo);
        return profile(
                release,
                template(release, Arch.X86_64, InstallType.ISO),
                new MediaFacts(Optional.of("label"), paths, texts));
    }

    @Test
    void takesTheBootFilesThatTheMediumTellsOf() {
        String sum = "0F".repeat(32);
        String treeinfo =
                """
                [general]
                arch = x86_64
                [checksums]
                boot/linux = sha256:%s
                boot/ram = sha1:00
                [images-x86_64]
                kernel = boot/linux
                initrd = boot/ram
                [images-xen]
                kernel = boot/other
                """
                        .formatted(sum);
        DirectKernel direct = (DirectKernel)
                onMedium("RHEL-9", "6", Set.of("boot/linux", "boot/ram", "BaseOS/repodata/repomd.xml"), treeinfo)
                        .media()
                        .get(0);

        assertThat(direct.kernel()).isEqualTo(new BootFile("boot/linux", Optional.of(sum.toLowerCase(Locale.ROOT))));
        assertThat(direct.initrd()).isEqualTo(new BootFile("boot/ram", Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd", "http://evil.example.com/vmlinuz", "a/../b", "", "a b"})
    void takesNoPathOutsideOfTheTree(String path) {
        TreeInfo info = new TreeInfo(Optional.of("[images-x86_64]\nkernel = " + path + "\n"));

        assertThat(info.file(Arch.X86_64, "kernel", "usual").path()).isEqualTo("usual");
    }

    @Test
    void readsAPathOfAnyLength() {
        String path = "a/".repeat(20_000) + "vmlinuz";
        TreeInfo info = new TreeInfo(Optional.of("[images-x86_64]\nkernel = " + path + "\n"));

        assertThat(info.file(Arch.X86_64, "kernel", "usual").path()).isEqualTo(path);
    }

    @Test
    void bootsTheMediumItselfWhereItHasNoKernelToStart() {
        assertThat(onMedium("CentOS-5", "U4", Set.of("isolinux/vmlinuz", "isolinux/initrd.img"), "")
                        .media())
                .first()
                .extracting(each -> ((DirectKernel) each).kernel().path())
                .isEqualTo("isolinux/vmlinuz");
        assertThat(onMedium("Fedora", "41", Set.of("x/repodata/repomd.xml"), "").media())
                .extracting(each -> each.getClass().getSimpleName())
                .containsExactly("AnswerVolume", "RemasteredIso");
    }

    @Test
    void refusesAMediumWithoutPackages() {
        assertThatThrownBy(() -> onMedium("Rocky", "9", Set.of("images/pxeboot/vmlinuz", "images/install.img"), ""))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining(ISO.toString())
                .hasMessageContaining("DVD");
    }

    @Test
    void refusesATreeThatTheInstallerCannotFetch() {
        OsRelease release = release("CentOS-5", "U4", Arch.X86_64);
        assertThatThrownBy(() -> plugin.profile(new ProfileRequest(
                        template(release, Arch.X86_64, InstallType.URL),
                        release,
                        MediaFacts.none(),
                        URI.create("https://mirror.example.com/"),
                        PASSWORD,
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        TOKEN)))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("ftp:// or http://");
    }

    @ParameterizedTest
    @CsvSource({
        "RHEL-5, U3, VIRTIO, IDE, hda",
        "RHEL-5, U4, VIRTIO, VIRTIO, vda",
        "RHEL-4, U2, SATA, IDE, hda",
        "Fedora, 7, IDE, IDE, sda",
        "RHEL-9, 4, SATA, SATA, sda"
    })
    void installsOnTheDiskThatItsKernelDrives(String os, String version, DiskBus wished, DiskBus bus, String name) {
        OsRelease release = release(os, version, Arch.X86_64);
        GuestProfile profile = plugin.profile(new ProfileRequest(
                template(release, Arch.X86_64, InstallType.ISO),
                release,
                MediaFacts.none(),
                ISO,
                PASSWORD,
                Map.of(),
                Optional.of(wished),
                Optional.empty(),
                TOKEN));

        assertThat(profile.machine().diskBus()).isEqualTo(bus);
        assertThat(profile.answers().content()).contains("--drives=" + name + "\n");
    }

    @Test
    void wholeVersionsAndMinorOnesMeanTheSame() {
        assertThat(release("AlmaLinux", "9", Arch.X86_64).aliases()).contains("9.0", "9.6");
        assertThat(release("RockyLinux", "10", Arch.AARCH64).os()).isEqualTo("Rocky");
        assertThat(release("RHEL-10", "0", Arch.X86_64).source()).contains("x86-64-v3");
    }

    @Test
    void tellsWhichReleasesNobodyCouldConfirm() {
        assertThat(release("RHEL-3", "U9", Arch.AARCH64).support()).isEqualTo(Support.EXPERIMENTAL);
        assertThat(release("RHEL-3", "U9", Arch.I386).support()).isEqualTo(Support.CHECKED);
        assertThat(release("RHL", "7.2", Arch.I386).support()).isEqualTo(Support.EXPERIMENTAL);
        assertThat(release("Fedora", "rawhide", Arch.X86_64).support()).isEqualTo(Support.EXPERIMENTAL);
        assertThat(plugin.releases()).noneMatch(each -> each.source().isBlank());
        assertThat(release("Fedora", "40", Arch.X86_64).endOfLife()).contains(LocalDate.of(2025, 5, 13));
        assertThat(release("Fedora", "44", Arch.X86_64).endOfLife()).isEmpty();
    }

    @Test
    void getsIntoSystemsByTheirFilesAndIntoThoseOfTodayWithCredentialsToo() {
        assertThat(profile("Fedora", "41", Arch.X86_64, InstallType.URL).access())
                .hasSize(2)
                .last()
                .isInstanceOf(AccessRecipe.SystemdCredentials.class);
        assertThat(profile("RHEL-6", "10", Arch.X86_64, InstallType.URL).access())
                .containsExactly(new AccessRecipe.InitScript("sshd", "/etc/sysconfig/sshd", "OPTIONS", "/etc/rc3.d"));
        assertThat(profile("RHEL-8", "10", Arch.X86_64, InstallType.URL).access())
                .containsExactly(
                        new AccessRecipe.OfflineEdit("sshd.service", "/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY"));
        assertThat(profile("RHEL-7", "0", Arch.X86_64, InstallType.URL).access())
                .containsExactly(new AccessRecipe.OfflineEdit(
                        "sshd.service", "/usr/sbin/sshd -D $OPTIONS", AccessRecipe.Keys.RSA));
        assertThat(profile("RHEL-3", "U9", Arch.X86_64, InstallType.URL).access())
                .isEmpty();
    }

    @Test
    void onlyArmStartsByUefiAlone() {
        assertThat(profile("Fedora", "44", Arch.AARCH64, InstallType.URL)
                        .machine()
                        .firmware())
                .isEqualTo(Firmware.UEFI);
        assertThat(release("Fedora", "44", Arch.X86_64).features()).contains(Feature.BIOS, Feature.UEFI);
        assertThat(release("RHEL-7", "9", Arch.PPC64LE).features()).doesNotContain(Feature.BIOS, Feature.UEFI);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Pane is dead | ERROR",
                "install exited abnormally [1/1] | ERROR",
                "An unknown error has occured | ERROR",
                "The installation was stopped due to an error. | ERROR",
                "Error setting up base repository | ERROR",
                "Entering emergency mode. Exit the shell to continue. | ERROR",
                "Please make a selection from the above ['c' to continue]: | QUESTION",
                "[    1.0] Kernel panic - not syncing: VFS | PANIC"
            })
    void knowsWhatTroubleLooksLike(String line, Trouble.Kind kind) {
        assertThat(profile("Fedora", "44", Arch.X86_64, InstallType.URL).flow().trouble())
                .filteredOn(each -> each.line().matcher(line).find())
                .extracting(Trouble::kind)
                .containsExactly(kind);
    }

    @Test
    void goodLinesAreNoTrouble() {
        assertThat(profile("Fedora", "44", Arch.X86_64, InstallType.URL).flow().trouble())
                .noneMatch(each -> Stream.of(
                                "Installing error-handling.noarch (12/345)",
                                "Starting package installation process",
                                "Downloading 345 RPMs, 1 MiB / 200 MiB (1%) done.",
                                "[    2.1]  vda: unable to read partition table")
                        .anyMatch(line -> each.line().matcher(line).find()));
    }
}
