package org.oz4j.os.alpine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.os.RequestOf;
import org.oz4j.os.Shell;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MediaRecipe.AnswerVolume;

import static org.assertj.core.api.Assertions.assertThat;

class AlpinePluginTest {
    private static final AlpinePlugin PLUGIN = new AlpinePlugin();
    private static final String FULL =
            """
            <users>
              <user name="ann"><fullname>Ann O'Hara</fullname><password>pass</password><groups>wheel, staff</groups>
                <ssh-keys>ssh-ed25519 AAAAC3 ann's key</ssh-keys></user>
              <user name="bob"/>
            </users>
            <ssh-keys>ssh-rsa AAAAB3</ssh-keys>
            <keyboard>de</keyboard><timezone>Europe/Vienna</timezone><hostname>web1.example.org</hostname>
            """;

    @TempDir
    private Path folder;

    private static GuestProfile plain() {
        return RequestOf.iso(PLUGIN, RequestOf.release(PLUGIN, "3.22"), Arch.X86_64, template -> template)
                .profile();
    }

    private static GuestProfile full() {
        return RequestOf.xml(PLUGIN, "3.24", FULL, "")
                .proxy("http://10.0.2.2:4123/")
                .profile();
    }

    private static GuestProfile on(String version, Arch arch) {
        return RequestOf.on(PLUGIN, version, arch).profile();
    }

    @ParameterizedTest
    @CsvSource({
        "3.22, X86_64, alpine-3.22.user-data",
        "3.22, AARCH64, alpine-3.22-aarch64.user-data",
        "3.24, S390X, alpine-3.24-s390x.user-data"
    })
    void writesTheScript(String version, Arch arch, String golden) {
        assertThat(on(version, arch).answers().content()).isEqualTo(RequestOf.golden(getClass(), golden));
    }

    @ParameterizedTest
    @CsvSource({
        "AARCH64, UEFI, ttyAMA0, 'console=tty0 console=ttyAMA0,115200'",
        "RISCV64, UEFI, ttyS0, 'console=tty0 console=ttyS0,115200'",
        "PPC64LE, BIOS, hvc0, console=tty0 console=hvc0",
        "S390X, BIOS, ttysclp0, console=ttysclp0"
    })
    void isHeardOnTheConsoleOfItsMachine(Arch arch, Firmware firmware, String console, String arguments) {
        GuestProfile profile = on("3.24", arch);

        assertThat(profile.machine().firmware()).isEqualTo(firmware);
        assertThat(profile.flow().success()).isEqualTo(new SuccessSignal.VirtioToken("org.oz4j.success"));
        assertThat(profile.answers().content())
                .contains("exec </dev/null >/dev/" + console + " 2>&1\n", "KERNELOPTS='" + arguments + "'\n")
                .contains("'" + console + "::respawn:/sbin/getty -L 0 " + console + " vt100'")
                .doesNotContain("ttyS1");
        Shell.check("sh", profile.answers().content(), folder);
    }

    @ParameterizedTest
    @CsvSource({"3.18, AARCH64, true", "3.18, S390X, true", "3.22, RISCV64, false", "3.23, RISCV64, true"})
    void hasOtherArchitecturesWhereThereAreDiscs(String version, Arch arch, boolean there) {
        assertThat(RequestOf.row(PLUGIN, version, arch).isPresent()).isEqualTo(there);
        RequestOf.row(PLUGIN, version, arch).ifPresent(release -> assertThat(release.source())
                .contains("/alpine/v" + version + "/releases/" + arch + "/"));
    }

    /** The script's end, with a port of virtio that the kernel told of. */
    @ParameterizedTest
    @CsvSource({"org.oz4j.success, true", "com.example.other, false"})
    void findsThePortByTheNameThatTheKernelTells(String name, boolean told) throws IOException {
        Files.writeString(
                Files.createDirectories(folder.resolve("sys/class/virtio-ports/vport2p1"))
                        .resolve("name"),
                name + "\n");
        Path port =
                Files.createFile(Files.createDirectories(folder.resolve("dev")).resolve("vport2p1"));
        GuestProfile profile = on("3.24", Arch.AARCH64);
        String script = profile.answers().content();
        String end = script.substring(script.indexOf("trap "), script.indexOf("oz_mark() {"));
        Path run = Files.writeString(
                folder.resolve("end"),
                ("poweroff() { echo off; }\n" + end + "true\n")
                        .replace("/sys/", folder + "/sys/")
                        .replace(">/dev/", ">" + folder + "/dev/"));

        String output = Shell.output("sh " + run + " 2>&1 || true", folder);

        assertThat(Files.readString(port)).isEqualTo(told ? "\n" + RequestOf.TOKEN + "\n" : "");
        assertThat(profile.flow().trouble().stream()
                        .anyMatch(each -> output.lines().anyMatch(each.line().asPredicate())))
                .isEqualTo(!told);
        assertThat(output.contains("off\n")).isEqualTo(told);
    }

    @Test
    void honoursWhatVersion11AsksFor() {
        assertThat(full().answers().content()).isEqualTo(RequestOf.golden(getClass(), "alpine-3.24-full.user-data"));
    }

    @Test
    void theAnswersAreThoseOfSetupAlpine() {
        String script = full().answers().content();
        String answers = script.substring(script.indexOf("<<'oz-end'\n") + 11, script.indexOf("\noz-end\n"));

        Shell.check("sh", answers, folder);
        assertThat(answers.lines().filter(line -> line.matches("[A-Z]+=.*")).map(line -> line.replaceAll("=.*", "")))
                .containsExactly(
                        "KEYMAPOPTS",
                        "HOSTNAMEOPTS",
                        "DEVDOPTS",
                        "INTERFACESOPTS",
                        "TIMEZONEOPTS",
                        "PROXYOPTS",
                        "APKREPOSOPTS",
                        "USEROPTS",
                        "SSHDOPTS",
                        "NTPOPTS",
                        "DISKOPTS");
        assertThat(Shell.output(
                        answers + "\nprintf '%s|' \"$KEYMAPOPTS\" $HOSTNAMEOPTS $TIMEZONEOPTS \"$DISKOPTS\"\n"
                                + "printf \"$INTERFACESOPTS\"",
                        folder))
                .isEqualTo("de de|web1.example.org|Europe/Vienna|-m sys /dev/vda|"
                        + "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n");
    }

    @Test
    void isFoundOnAVolumeOfTheCloud() {
        AnswerVolume volume = (AnswerVolume) plain().media().get(0);

        assertThat(volume.label()).isEqualTo("cidata");
        assertThat(volume.answerPath()).isEqualTo("user-data");
        assertThat(volume.files()).containsOnlyKeys("meta-data");
        assertThat(plain().answers().content()).startsWith("#!/bin/sh\n");
    }

    /** The script's end, on ports that are files. */
    @ParameterizedTest
    @CsvSource({"true, 00112233445566778899aabbccddeeff", "false, oz: ERROR: the install ended with status 1"})
    void saysThatItSucceededOnlyIfItDid(String last, String line) {
        String script = plain().answers().content();
        String end = script.substring(script.indexOf("trap "), script.indexOf("oz_mark() {"));

        assertThat(Shell.output(
                        "sh -c '%s' || true"
                                .formatted(("poweroff() { echo off; }\n" + end + last)
                                        .replace("/dev/ttyS1", "/dev/stdout")
                                        .replace("'", "'\\''")),
                        folder))
                .contains("\n".repeat(last.equals("true") ? 1 : 0) + line + "\noff\n");
    }

    @ParameterizedTest
    @CsvSource({"oz: ERROR: the install ended with status 1, ERROR", "Kernel panic - not syncing: x, PANIC"})
    void knowsWhatTroubleLooksLike(String line, Trouble.Kind kind) {
        assertThat(plain().flow().trouble())
                .filteredOn(each -> each.line().matcher(line).find())
                .extracting(Trouble::kind)
                .containsExactly(kind);
    }
}
