package org.oz4j.os.bsd;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.RequestOf;
import org.oz4j.os.Shell;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.Prompt;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaRecipe.RemasteredIso;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OpenBsdPluginTest {
    private static final OpenBsdPlugin PLUGIN = new OpenBsdPlugin();
    private static final String FULL =
            """
            <users>
              <user name="ann"><fullname>Ann O'Hara</fullname><password>pass</password><groups>wheel, staff</groups>
                <ssh-keys>ssh-ed25519 AAAAC3 ann's key</ssh-keys></user>
              <user name="bob"/>
            </users>
            <ssh-keys>ssh-rsa AAAAB3</ssh-keys>
            <timezone>Europe/Vienna</timezone><hostname>web1.example.org</hostname>
            """;

    @TempDir
    private Path folder;

    private static RequestOf plain(String version) {
        return RequestOf.iso(PLUGIN, RequestOf.release(PLUGIN, version), Arch.X86_64, template -> template);
    }

    /** All files in one text, as a golden file has them. */
    private static String all(GuestProfile profile) {
        RemasteredIso iso = (RemasteredIso) profile.media().get(0);
        StringBuilder text = new StringBuilder(
                "== " + iso.answerPath() + "\n" + profile.answers().content());
        new TreeMap<>(iso.files())
                .forEach((path, content) ->
                        text.append("== ").append(path).append("\n").append(content));
        return text.toString();
    }

    private static String file(GuestProfile profile, String path) {
        return Objects.requireNonNull(
                ((RemasteredIso) profile.media().get(0)).files().get(path), path);
    }

    @ParameterizedTest
    @CsvSource({"7.4, openbsd-7.4.txt", "7.9, openbsd-7.9.txt"})
    void writesAResponseFileAndWhatStartsTheInstallerWithIt(String version, String golden) {
        assertThat(all(plain(version).profile())).isEqualTo(RequestOf.golden(getClass(), golden));
    }

    @Test
    void honoursWhatVersion11AsksFor() {
        assertThat(all(RequestOf.xml(PLUGIN, "7.8", FULL, "").profile()))
                .isEqualTo(RequestOf.golden(getClass(), "openbsd-7.8-full.txt"));
    }

    @Test
    void theScriptsAreUnderstoodByShells() {
        GuestProfile profile = RequestOf.xml(PLUGIN, "7.8", FULL, "").profile();
        for (String path : List.of("oz/install", "oz/setup")) {
            Shell.check("sh", file(profile, path), folder);
            Shell.check("bash", file(profile, path), folder);
        }
    }

    /** Which the installer takes apart at the first equals sign, and compares by words of its questions. */
    @Test
    void everyAnswerIsALineOfItsOwn() {
        String content =
                RequestOf.xml(PLUGIN, "7.8", FULL, "").profile().answers().content();

        assertThat(content.lines().skip(1)).allMatch(line -> line.matches("[A-Z][^=]* = [^ =].*"));
        assertThat(content.lines().map(line -> line.replaceFirst(" = .*", ""))).doesNotHaveDuplicates();
    }

    @Test
    void theHashIsOneOfThePassword() {
        String content = plain("7.8").profile().answers().content();
        String hash = content.replaceAll("(?s).*\nPassword for root = (\\S+)\n.*", "$1");

        assertThat(hash).matches("\\$2b\\$10\\$[./A-Za-z0-9]{53}");
        assertThat(OpenBSDBCrypt.checkPassword(hash, RequestOf.CLEAR.toCharArray()))
                .isTrue();
        assertThat(OpenBSDBCrypt.checkPassword(hash, "another".toCharArray())).isFalse();
    }

    @Test
    void refusesAPasswordThatWouldBeCutShort() {
        assertThat(plain("7.8").password("a".repeat(72)).profile()).isNotNull();
        assertThatThrownBy(() -> plain("7.8").password("ä".repeat(37)).profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("72 bytes");
    }

    @ParameterizedTest
    @CsvSource({"VIRTIO, sd0", "SATA, sd0", "SCSI, sd0", "IDE, wd0"})
    void installsOnTheDiskOfTheBus(DiskBus bus, String name) {
        GuestProfile profile = plain("7.8").bus(bus).profile();

        assertThat(profile.answers().content()).contains("Which disk is the root disk = " + name + "\n");
        assertThat(profile.machine().diskBus()).isEqualTo(bus);
    }

    /** What the console shows at the end of its last line, and what is typed then; dot.profile and ksh(1) have the texts. */
    @Test
    void answersTheTwoQuestionsAndNoOther() {
        List<Prompt> prompts = plain("7.8").profile().flow().prompts();
        Map<String, String> shown = Map.of(
                "(I)nstall, (U)pgrade, (A)utoinstall or (S)hell?",
                "s",
                "#",
                "start",
                "openbsd#",
                "start",
                "# ",
                "start");
        shown.forEach((line, reply) -> assertThat(prompts)
                .filteredOn(prompt -> prompt.line().matcher(line).find())
                .singleElement()
                .satisfies(prompt ->
                        assertThat(prompt.reply().equals("s") ? "s" : "start").isEqualTo(reply)));
        for (String other : List.of(
                "(I)nstall, (U)pgrade, (A)utoi",
                "(I)nstall, (U)pgrade, (A)utoinstall or (S)hell? s",
                "# cd /dev",
                "boot>",
                "System hostname? (short form, e.g. 'foo')",
                "cd0 at scsibus1 targ 0 lun 0: <QEMU, QEMU DVD-ROM, 2.5+> #")) {
            assertThat(prompts)
                    .as(other)
                    .noneMatch(prompt -> prompt.line().matcher(other).find());
        }
        assertThat(prompts).extracting(Prompt::times).containsOnly(1);
    }

    @Test
    void refusesAMediumWithoutSets() {
        assertThatThrownBy(() -> plain("7.8").paths("7.8/amd64/bsd.rd").profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("7.8/amd64/base78.tgz")
                .hasMessageContaining("install78.iso");
        assertThat(plain("7.8").paths("7.8/amd64/base78.tgz").profile()).isNotNull();
    }

    /** Runs the script as the RAM disk's shell does, with stand-ins for what is of OpenBSD. */
    @ParameterizedTest
    @CsvSource({
        "true, true, ok",
        "false, true, 'oz: the installation failed: the installer did not come to its end'",
        "true, false, 'oz: the installation failed: the new system can''t be set up'"
    })
    void saysThatItSucceededOnlyIfItDid(boolean installs, boolean sets, String end) {
        String script = file(plain("7.8").profile(), "oz/install")
                .replace("/tmp/ai/ai.done", folder + "/done")
                .replace("/mnt/", folder + "/mnt/")
                .replace("/oz/", folder + "/oz/")
                .replace("\n/install ", "\ninstaller ")
                .replace("while :; do sleep 60; done", "exit 0");
        String output = Shell.output(
                """
                mkdir -p %1$s/mnt/tmp %1$s/mnt/dev %1$s/oz
                touch %1$s/oz/setup %1$s/mnt/dev/cua01
                installer() { test "$*" = "-af %1$s/oz/install.conf" && %2$s && touch %1$s/done; true; }
                chroot() { test "$*" = "/mnt /bin/sh -e /tmp/oz-setup" && test -e %1$s/mnt/tmp/oz-setup && %3$s; }
                reboot() { echo rebooted; cat %1$s/mnt/dev/cua01; }
                """
                                .formatted(folder, installs, sets)
                        + script,
                folder);

        if (end.equals("ok")) {
            assertThat(output.lines()).containsExactly("rebooted", "", RequestOf.TOKEN);
        } else {
            assertThat(output.lines()).containsExactly(end);
            assertThat(folder.resolve("mnt/dev/cua01")).isEmptyFile();
            assertThat(plain("7.8").profile().flow().trouble())
                    .anyMatch(trouble -> trouble.line().matcher(end).find());
        }
    }

    @Test
    void theLoaderUsesTheSerialPort() {
        assertThat(file(plain("7.8").profile(), "etc/boot.conf").lines())
                .containsExactly("stty com0 115200", "set tty com0", "set image /7.8/amd64/bsd.rd");
    }
}
