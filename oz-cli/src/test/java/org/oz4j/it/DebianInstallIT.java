package org.oz4j.it;

import java.io.ByteArrayOutputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.KeyPair;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
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
import org.oz4j.config.OzConfig;
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
    @Execution(ExecutionMode.CONCURRENT)
    void installsAnImageThatBootsLetsRootInAndCanBeCustomised() throws Exception {
        Path tdl = Files.writeString(folder.resolve("trixie.tdl"), template("trixie"));
        Path log = folder.resolve("trixie.log");
        Process oz = Lab.oz(folder, log, MEMORY, "install", tdl.toString());
        try {
            assertThat(oz.waitFor(75, TimeUnit.MINUTES)).isTrue();
            assertThat(oz.exitValue()).as(Lab.read(log)).isZero();
        } finally {
            oz.destroyForcibly();
        }
        Lab.assertNothingLeft(folder, "trixie");
        Path disk = folder.resolve("images/trixie.dsk");
        assertThat(Lab.read(log)).contains("Of what guests downloaded");
        OzConfig config =
                Lab.config(folder, MEMORY).toBuilder().cachePackages(true).build();
        InstalledImage image = new InstalledImage(
                "trixie",
                "Debian 13",
                Arch.X86_64,
                disk,
                List.of(),
                ImageFormat.RAW,
                Files.size(disk),
                Firmware.BIOS,
                folder.resolve("images/trixie.xml"),
                Duration.ZERO);
        assertThat(image.domainXml()).exists();

        // systemd takes an ssh key for root as a credential over SMBIOS: systemd.system-credentials(7).
        KeyPair pair = KeyPair.genKeyPair(new JSch(), KeyPair.ECDSA, 256);
        ByteArrayOutputStream open = new ByteArrayOutputStream();
        ByteArrayOutputStream secret = new ByteArrayOutputStream();
        pair.writePublicKey(open, "lab");
        pair.writePrivateKey(secret);
        String credential = "io.systemd.credential.binary:ssh.authorized_keys.root="
                + Base64.getEncoder().encodeToString(open.toByteArray());
        Lab.boot(
                config,
                image,
                List.of(credential),
                keys -> {
                    try {
                        keys.addIdentity("lab", secret.toByteArray(), open.toByteArray(), null);
                    } catch (JSchException e) {
                        throw new IllegalStateException(e);
                    }
                },
                null,
                session -> {
                    assertThat(Lab.exec(session, "cat /etc/debian_version; hostname"))
                            .startsWith("13")
                            .contains("trixie");
                    assertThat(Lab.exec(session, "grep -ri proxy /etc/apt; ls /etc/apt/apt.conf 2>&1"))
                            .as("the proxy was for the installer alone")
                            .isEqualTo("ls: cannot access '/etc/apt/apt.conf': No such file or directory\n");
                });
        customises(config, image);
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

    private static void customises(OzConfig config, InstalledImage image) {
        Template template = Template.parse(
                template("trixie")
                        .replace(
                                "</template>",
                                """
                        <packages><package name="hello"/></packages>
                        <files><file name="/etc/motd">Welcome
                        </file></files>
                        <precommands><command name="pre">echo pre >/root/order</command></precommands>
                        <commands><command name="list">hello >>/root/order; dpkg-query -W</command></commands>
                        </template>
                        """));
        List<String> listed = new ArrayList<>();
        try (Oz oz = Oz.builder().config(config).build()) {
            Guest guest = oz.guest(template);
            guest.customizer()
                    .customize(
                            image,
                            event -> {
                                if (event instanceof BuildEvent.CommandOutput output
                                        && output.command().equals("command list")) {
                                    listed.add(output.line().split("\t")[0]);
                                }
                            },
                            CancellationToken.create());
            Icicle icicle = guest.icicleGenerator().generate(image, BuildListener.NONE, CancellationToken.create());

            assertThat(listed).contains("hello", "openssh-server");
            assertThat(icicle.packages()).extracting(Icicle.Item::name).containsExactlyInAnyOrderElementsOf(listed);
        }
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
    @Execution(ExecutionMode.SAME_THREAD)
    @MethodSource("brokenAnswers")
    void quotesWhatTheInstallerShowsOfABrokenAnswerFile(Broken broken) throws Exception {
        quotes(broken);
    }

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
