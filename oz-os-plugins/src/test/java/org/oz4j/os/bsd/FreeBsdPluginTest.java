package org.oz4j.os.bsd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.RequestOf;
import org.oz4j.os.Shell;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.template.Feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FreeBsdPluginTest {
    private static final FreeBsdPlugin PLUGIN = new FreeBsdPlugin();
    private static final String SETUP = "\n#!/bin/sh\n";
    private static final String FULL =
            """
            <users>
              <user name="ann"><fullname>Ann O'Hara</fullname><password>pass</password><groups>wheel, staff</groups>
                <ssh-keys>ssh-ed25519 AAAAC3 ann's key</ssh-keys></user>
              <user name="bob"/>
            </users>
            <ssh-keys>ssh-rsa AAAAB3</ssh-keys>
            <keyboard>gb</keyboard><timezone>Europe/Vienna</timezone><hostname>web1.example.org</hostname>
            """;

    @TempDir
    private Path folder;

    private static RequestOf plain(String version) {
        return RequestOf.iso(PLUGIN, RequestOf.release(PLUGIN, version), Arch.X86_64, template -> template);
    }

    private static RequestOf on(String version, Arch arch) {
        return RequestOf.on(PLUGIN, version, arch);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0, I386, freebsd-10.0.installerconfig",
        "15.1, X86_64, freebsd-15.1.installerconfig",
        "15.1, AARCH64, freebsd-15.1-aarch64.installerconfig",
        "13.5, PPC64LE, freebsd-13.5-ppc64le.installerconfig"
    })
    void writesTheInstallerScript(String version, Arch arch, String golden) {
        assertThat(on(version, arch).profile().answers().content()).isEqualTo(RequestOf.golden(getClass(), golden));
    }

    @ParameterizedTest
    @CsvSource({
        "12.4, AARCH64, false, false",
        "13.0, AARCH64, true, true",
        "15.1, AARCH64, true, true",
        "12.4, PPC64LE, false, false",
        "13.0, PPC64LE, true, false",
        "14.4, PPC64LE, true, false",
        "15.0, PPC64LE, false, false", // its discs have packages alone
        "14.4, RISCV64, false, false" // whose kernel has no driver for the disc
    })
    void hasOtherArchitecturesWhereThereAreDiscs(String version, Arch arch, boolean there, boolean uefi) {
        assertThat(RequestOf.row(PLUGIN, version, arch).isPresent()).isEqualTo(there);
        RequestOf.row(PLUGIN, version, arch).ifPresent(release -> {
            assertThat(release.support()).isEqualTo(Support.EXPERIMENTAL);
            assertThat(release.source()).contains("/" + version + "R/announce/");
            assertThat(release.features()).doesNotContain(Feature.BIOS);
            assertThat(release.features().contains(Feature.UEFI)).isEqualTo(uefi);
        });
    }

    @Test
    void machinesThatAreNoPcsAreAskedForTheirTerminal() {
        GuestProfile profile = on("14.4", Arch.AARCH64).profile();

        assertThat(profile.flow().success()).isEqualTo(new SuccessSignal.ImageCheck());
        assertThat(profile.machine().firmware()).isEqualTo(Firmware.UEFI);
        assertThat(profile.flow().prompts()).singleElement().satisfies(prompt -> {
            // spaces at its end are not seen
            assertThat(prompt.line().matcher("Console type [vt100]:").find()).isTrue();
            assertThat(prompt.line().matcher("Console type [vt100]: vt").find()).isFalse();
            assertThat(prompt.reply()).isEqualTo("vt100");
        });
        assertThat(((RemasteredIso) profile.media().get(0)).files().get("boot/loader.conf.local"))
                .contains("boot_multicons=\"YES\"\n", "virtio_scsi_load=\"YES\"\n");
        assertThat(plain("14.4").profile().flow().prompts()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10.4, true", "12.4, true", "13.0, false", "15.1, false"})
    void virtioIsTheOldOneBefore13(String version, boolean old) {
        assertThat(plain(version).profile().machine().oldVirtio()).isEqualTo(old);
    }

    @Test
    void honoursWhatVersion11AsksFor() {
        assertThat(RequestOf.xml(PLUGIN, "14.4", FULL, "").profile().answers().content())
                .isEqualTo(RequestOf.golden(getClass(), "freebsd-14.4-full.installerconfig"));
    }

    /** The installer takes the file apart at the first line that begins with {@code #!}. */
    @Test
    void bothPartsAreScriptsOfTheirOwn() {
        String whole =
                RequestOf.xml(PLUGIN, "14.4", FULL, "").profile().answers().content();
        String[] parts = whole.split(SETUP, -1);

        assertThat(parts).hasSize(2);
        Shell.check("sh", parts[0], folder);
        Shell.check("sh", parts[1], folder);
        assertThat(parts[0]).doesNotContain("hashhash");
        assertThat(parts[1]).doesNotContain(RequestOf.TOKEN);
    }

    @ParameterizedTest
    @CsvSource({"VIRTIO, vtbd0", "SATA, ada0", "SCSI, da0"})
    void installsOnTheDiskOfTheBus(DiskBus bus, String name) {
        GuestProfile profile = plain("14.0").bus(bus).profile();

        assertThat(profile.answers().content()).contains("PARTITIONS=\"" + name + " GPT {");
        assertThat(profile.machine().diskBus()).isEqualTo(bus);
    }

    @Test
    void theMediumBootsAsItDidWithSettingsOfItsLoaderBesides() {
        RemasteredIso iso = (RemasteredIso) plain("14.0").profile().media().get(0);

        assertThat(iso.kernels()).isEmpty();
        assertThat(iso.carriesArguments()).isFalse();
        assertThat(iso.carriesExtras()).isTrue();
        assertThat(iso.answerPath()).isEqualTo("etc/installerconfig");
        assertThat(iso.files()).containsOnlyKeys("boot/loader.conf.local");
    }

    @Test
    void refusesAMediumWithoutSets() {
        assertThatThrownBy(() -> plain("15.0").paths("boot/loader.conf").profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("usr/freebsd-dist/base.txz")
                .hasMessageContaining("dvd1");
        assertThat(plain("15.0").paths("usr/freebsd-dist/base.txz").profile()).isNotNull();
    }

    /** Runs the first part as the installer does, with stand-ins for what is of FreeBSD, and the second part's end. */
    @ParameterizedTest
    @CsvSource({
        "X86_64, true, '', true",
        "X86_64, false, '', false",
        "X86_64, true, '/dev/ada0p2 on MOUNT (ufs)', false",
        "AARCH64, true, '', true",
        "AARCH64, false, '', false",
        "AARCH64, true, '/dev/ada0p2 on MOUNT (ufs)', false"
    })
    void saysThatItSucceededOnlyIfItDid(Arch arch, boolean succeeds, String mounted, boolean told) throws IOException {
        GuestProfile profile = on("14.0", arch).profile();
        String[] parts = profile.answers().content().split(SETUP, -1);
        Path root = folder.resolve("root");
        Files.createDirectories(root.resolve("tmp"));
        Path port = Files.createFile(folder.resolve("port")); // as a device is there before it is written to
        Path off = folder.resolve("off");
        String trap = parts[1].substring(parts[1].indexOf("trap"), parts[1].indexOf("sysrc"));
        String setup = trap.replace("/tmp/oz-done", root + "/tmp/oz-done") + (succeeds ? "true\n" : "false\n");
        String script =
                """
                BSDINSTALL_CHROOT=%s
                tail() { :; }
                mount() { echo '%s'; }
                shutdown() { touch %s; }
                %s
                sh -e -c '%s' || true
                """
                        .formatted(
                                root,
                                mounted.replace("MOUNT", root.toString()),
                                off,
                                parts[0].replaceFirst("/dev/(cuau1|ttyu0)", port.toString()),
                                setup.replace("'", "'\\''"));
        Path installer = Files.writeString(folder.resolve("installer"), script.replace("sleep 1", "sleep 0.1"));
        Shell.output(
                "sh %s\nfor i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; test -e %s && break; grep -q failed %s && break; done\n"
                        .formatted(installer, off, port),
                folder);

        // what else says it is looked for on the disk then
        boolean stays = !arch.isX86() && !told;
        assertThat(Files.exists(off)).as("powered off").isEqualTo(!stays);
        assertThat(profile.flow().trouble().stream()
                        .anyMatch(each -> lines(port).anyMatch(each.line().asPredicate())))
                .isEqualTo(stays);
        assertThat(Files.readString(port).lines().anyMatch(RequestOf.TOKEN::equals))
                .isEqualTo(told);
        assertThat(root.resolve("tmp/oz-done")).doesNotExist();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readString(file).lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
