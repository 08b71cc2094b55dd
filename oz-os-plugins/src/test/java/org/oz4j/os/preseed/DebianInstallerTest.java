package org.oz4j.os.preseed;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template.InstallType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class DebianInstallerTest {
    private static final String LINE = "d-i preseed/";

    @TempDir
    Path folder;

    static Stream<Arguments> generations() {
        return Stream.of(
                arguments("debian-5", Requests.of("Debian", "5").full()),
                arguments("debian-6", Requests.of("Debian", "6").from("http://archive.debian.org/debian/")),
                arguments("debian-8-uefi", Requests.of("Debian", "8").full().uefi()),
                arguments("debian-11-netinst", Requests.of("Debian", "11").disc(false)),
                arguments(
                        "debian-13-dvd", Requests.of("Debian", "13").disc(true).full()),
                arguments("debian-14", Requests.of("Debian", "testing").from("http://deb.debian.org/debian/")),
                arguments("debian-13-aarch64", Requests.of("Debian", "13").on(Arch.AARCH64, InstallType.URL)),
                arguments("debian-13-riscv64", Requests.of("Debian", "13").on(Arch.RISCV64, InstallType.URL)),
                arguments(
                        "debian-14-riscv64-disc",
                        Requests.of("Debian", "testing").on(Arch.RISCV64, InstallType.ISO)),
                arguments("debian-9-s390x", Requests.of("Debian", "9").on(Arch.S390X, InstallType.URL)),
                arguments("ubuntu-5.10", Requests.of("Ubuntu", "5.10").full()),
                arguments("ubuntu-6.06", Requests.of("Ubuntu", "6.06.2").disc(false)),
                arguments("ubuntu-7.10", Requests.of("Ubuntu", "7.10").full().proxied()),
                arguments("ubuntu-8.04", Requests.of("Ubuntu", "8.04").from("http://old-releases.ubuntu.com/ubuntu/")),
                arguments("ubuntu-10.04", Requests.of("Ubuntu", "10.04").on(Arch.I386, InstallType.ISO)),
                arguments("ubuntu-14.04", Requests.of("Ubuntu", "14.04").from("http://archive.ubuntu.com/ubuntu/")),
                arguments(
                        "ubuntu-18.04",
                        Requests.of("Ubuntu", "18.04.6").disc(true).full()),
                arguments("ubuntu-16.04-aarch64", Requests.of("Ubuntu", "16.04").on(Arch.AARCH64, InstallType.URL)));
    }

    @ParameterizedTest
    @MethodSource("generations")
    void writesWhatItsGenerationAsksFor(String name, Requests requests) {
        GuestProfile profile = requests.profile();
        StringBuilder all = new StringBuilder(Requests.essentials(profile));
        Requests.files(profile)
                .forEach((path, text) ->
                        all.append("--- ").append(path).append('\n').append(text));
        all.append("--- ")
                .append(profile.answers().name())
                .append('\n')
                .append(profile.answers().content());

        assertThat(all.toString()).isEqualTo(Requests.golden(getClass(), name + ".txt", all.toString()));
    }

    /** All releases of both families on all their machines from all their media, plain and full, with two kinds of disc. */
    private static Stream<Requests> everything() {
        return Requests.plugins().stream()
                .flatMap(plugin -> plugin.releases().stream())
                .flatMap(release -> Stream.of(
                                Requests.all(release),
                                Requests.all(release).map(Requests::full),
                                Requests.all(release).map(Requests::proxied))
                        .flatMap(each -> each));
    }

    @Test
    void everyReleaseOnEveryMachineFromEveryMediumGivesACompleteProfile() {
        int count = 0;
        for (Requests requests : everything().toList()) {
            GuestProfile profile = requests.profile();
            String all = profile.answers().content() + Requests.files(profile) + Requests.essentials(profile);
            assertThat(all)
                    .as(requests.toString())
                    .contains(Requests.TOKEN)
                    .doesNotContain(Requests.CLEAR)
                    .doesNotContain("${")
                    .doesNotContain("<#");
            count++;
        }
        long rows = Requests.plugins().stream()
                .flatMap(plugin -> plugin.releases().stream())
                .mapToLong(release ->
                        release.arches().size() * (long) release.installTypes().size())
                .sum();
        System.out.println("Debian and Ubuntu: " + rows + " rows, " + count + " profiles");
        assertThat(count).isEqualTo(3 * (int) rows).isGreaterThan(1000);
    }

    private static Set<String> preseeds() {
        return Stream.concat(
                        everything(),
                        Requests.plugins().stream()
                                .flatMap(plugin -> plugin.releases().stream())
                                .filter(release -> release.installTypes().contains(InstallType.ISO))
                                .filter(release -> release.arches().contains(Arch.X86_64))
                                .map(release -> Requests.of(release.os(), release.version())
                                        .disc(true)))
                .map(Requests::profile)
                .filter(profile -> profile.answers().name().equals("preseed.cfg"))
                .map(profile -> profile.answers().content())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void debconfTakesEveryPreseedFile() throws Exception {
        // one process each would take minutes; it says which file a line is wrong in by the line itself
        Set<String> preseeds = preseeds();
        Path all = Files.writeString(folder.resolve("all.cfg"), String.join("\n", preseeds));
        System.out.println("preseed files: " + preseeds.size());

        assertThat(Requests.complaint(all, "debconf-set-selections", "--checkonly"))
                .isEmpty();
        assertThat(preseeds).hasSizeGreaterThan(200);
        Path broken = Files.writeString(folder.resolve("broken.cfg"), "d-i passwd/root-login boolan true\n");
        assertThat(Requests.complaint(broken, "debconf-set-selections", "--checkonly"))
                .contains("boolan");
    }

    @Test
    void theShellTakesEveryCommandAndScript() throws Exception {
        Set<String> scripts = new TreeSet<>();
        preseeds().forEach(preseed -> preseed.lines()
                .filter(line -> line.contains("_command string "))
                .map(line -> line.replaceFirst(".*?_command string ", ""))
                .forEach(scripts::add));
        assertThat(scripts).allMatch(line -> !line.contains("\\"), "debconf would make line breaks of \\n");
        everything()
                .forEach(requests ->
                        scripts.addAll(Requests.files(requests.profile()).values()));
        int number = 0;
        for (String script : scripts) {
            Path file = Files.writeString(folder.resolve("script-" + ++number), script);
            assertThat(Requests.complaint(file, "dash", "-n")).as(script).isEmpty();
        }
        System.out.println("scripts and commands: " + number);
        assertThat(number).isGreaterThan(20);
        Path broken = Files.writeString(folder.resolve("broken.sh"), "if true; then");
        assertThat(Requests.complaint(broken, "dash", "-n")).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Debian, 13", "Debian, 5", "Ubuntu, 16.04", "Ubuntu, 7.10"})
    void everyValueArrivesInTheNewSystemAsItIs(String os, String version) throws Exception {
        String script = Requests.files(Requests.of(os, version).full().profile())
                .getOrDefault("oz-setup.sh", "")
                .replace("/target", folder.toString());
        Path home = Files.createDirectories(folder.resolve("home/ann"));
        Files.createDirectories(folder.resolve("etc/default"));
        Files.createDirectories(folder.resolve("usr/share/i18n"));
        Files.writeString(folder.resolve("usr/share/i18n/SUPPORTED"), "de_AT.UTF-8 UTF-8\n");
        Path file = Files.writeString(
                folder.resolve("setup.sh"),
                "chroot() { shift; printf '[%s]' \"$@\"; echo; }\nalias in-target=:\n"
                        // the installer's shell is busybox, whose echo leaves backslashes alone
                        + "echo() { printf '%s\\n' \"$*\"; }\n" + script);

        String said = Requests.complaint(file, "dash");

        assertThat(said)
                .contains("[useradd][-m][-s][/bin/bash][-c][" + Requests.ODD + "][-G][adm,staff][-p][")
                .contains("[useradd][-m][-s][/bin/bash][bob]")
                .doesNotContain("status");
        assertThat(home.resolve(".ssh/authorized_keys")).hasContent("ssh-rsa AAAA " + Requests.ODD);
        assertThat(folder.resolve("root/.ssh/authorized_keys")).hasContent("ssh-rsa BBBB " + Requests.ODD);
    }

    /** Runs the installer's early command and what it leaves behind, with files in place of ports. */
    @ParameterizedTest
    @CsvSource({"Debian, 5", "Debian, 14", "Ubuntu, 18.04", "Ubuntu, 7.10", "Ubuntu, 6.06"})
    void theLastStepWritesTheTokenAsALineOfItsOwn(String os, String version) throws Exception {
        String command = Requests.of(os, version)
                .profile()
                .answers()
                .content()
                .lines()
                .filter(line -> line.startsWith(LINE + "early_command string "))
                .findFirst()
                .orElseThrow()
                .replace(LINE + "early_command string ", "")
                .replace("/var/run", folder.toString())
                .replace("/var/log/syslog", "/dev/null")
                .replace("/dev/ttyS1", folder.resolve("port").toString())
                .replace("/usr/lib", folder.toString());
        Path early = Files.writeString(folder.resolve("early.sh"), command + "\n");

        assertThat(Requests.complaint(early, "dash")).isEmpty();
        Path hooks = folder.resolve(version.equals("6.06") ? "prebaseconfig.d" : "finish-install.d");
        Path hook = hooks.resolve("96oz-success");
        assertThat(hook).isExecutable();
        Path stubs = Files.writeString(
                folder.resolve("stubs.sh"), "poweroff() { echo off; }\nsync() { :; }\n" + Files.readString(hook));
        String said = Requests.complaint(stubs, "dash");

        assertThat(Files.readString(folder.resolve("port")).lines()).contains(Requests.TOKEN);
        assertThat(said).isEqualTo(version.equals("7.10") || version.equals("6.06") ? "off\n" : "");
    }

    @Test
    void hashesByMd5WhereTheSystemKnowsNoBetter() throws Exception {
        assertThat(Md5Password.of(new RootPassword("open sesame", "$6$saltsalt$x")))
                .as("what openssl passwd -1 -salt saltsalt says")
                .isEqualTo("$1$saltsalt$Yo6tRKYGO/jWyb1etwHDS/");
        assertThat(Requests.of("Ubuntu", "7.10").profile().answers().content())
                .contains("root-password-crypted password $1$saltsalt$");
        assertThat(Requests.of("Ubuntu", "8.04").profile().answers().content())
                .contains("root-password-crypted password $6$saltsalt$");
    }

    @ParameterizedTest
    @CsvSource({
        "Debian, 5, VIRTIO, IDE, hda",
        "Debian, 8, SATA, IDE, sda",
        "Debian, 9, VIRTIO, VIRTIO, vda",
        "Debian, 12, SATA, SATA, sda",
        "Debian, 12, IDE, IDE, sda",
        "Ubuntu, 6.10, VIRTIO, IDE, hda",
        "Ubuntu, 7.04, VIRTIO, IDE, sda",
        "Ubuntu, 16.04, SCSI, SCSI, sda"
    })
    void namesTheDiskAsItsKernelDoes(String os, String version, DiskBus wish, DiskBus bus, String disk) {
        GuestProfile profile = Requests.of(os, version).bus(wish).profile();

        assertThat(profile.machine().diskBus()).isEqualTo(bus);
        assertThat(profile.answers().content()).contains("d-i partman-auto/disk string /dev/" + disk + "\n");
    }

    @Test
    void refusesADiscWithoutItsInstaller() {
        assertThatThrownBy(() -> Requests.of("Ubuntu", "18.04")
                        .disc(true)
                        .on(Arch.S390X, InstallType.ISO)
                        .profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("boot/kernel.ubuntu");
        assertThatThrownBy(() -> Requests.of("Debian", "9")
                        .disc(true)
                        .on(Arch.AARCH64, InstallType.ISO)
                        .profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("netinst");
    }

    @Test
    void waitsForATokenOnlyWhereTheSecondPortIsSure() {
        for (OsPlugin plugin : Requests.plugins()) {
            for (OsRelease release : plugin.releases()) {
                boolean pc =
                        release.arches().contains(Arch.I386) || release.arches().contains(Arch.X86_64);
                Requests.all(release).forEach(requests -> assertThat(
                                requests.profile().flow().success() instanceof SuccessSignal.SerialToken)
                        .as(requests.toString())
                        .isEqualTo(pc));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://old-releases.ubuntu.com/ubuntu/dists/lucid/main/installer-amd64/current/images/netboot/",
                "http://old-releases.ubuntu.com/ubuntu/dists",
                "http://old-releases.ubuntu.com/ubuntu/"
            })
    void takesTheMirrorForTheTree(String location) {
        assertThat(DebianInstaller.tree(java.net.URI.create(location)))
                .hasToString("http://old-releases.ubuntu.com/ubuntu/");
    }

    @Test
    void noReleaseIsThereTwice() {
        List<String> keys = Requests.plugins().stream()
                .flatMap(plugin -> plugin.releases().stream())
                .flatMap(release -> Stream.concat(Stream.of(release.version()), release.aliases().stream())
                        .flatMap(version -> release.arches().stream().flatMap(arch -> release.installTypes().stream()
                                .map(type -> release.os() + version + arch + type))))
                .toList();

        assertThat(keys).doesNotHaveDuplicates().hasSizeGreaterThan(700);
    }
}
