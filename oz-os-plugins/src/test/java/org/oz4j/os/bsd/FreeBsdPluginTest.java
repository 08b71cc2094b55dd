package org.oz4j.os.bsd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.RequestOf;
import org.oz4j.os.Shell;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaRecipe.RemasteredIso;

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

    @ParameterizedTest
    @CsvSource({"10.0, freebsd-10.0.installerconfig", "15.1, freebsd-15.1.installerconfig"})
    void writesTheInstallerScript(String version, String golden) {
        assertThat(plain(version).profile().answers().content()).isEqualTo(RequestOf.golden(getClass(), golden));
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
    @CsvSource({"true, '', true", "false, '', false", "true, '/dev/ada0p2 on MOUNT (ufs)', false"})
    void saysThatItSucceededOnlyIfItDid(boolean succeeds, String mounted, boolean told) throws IOException {
        String[] parts = plain("14.0").profile().answers().content().split(SETUP, -1);
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
                                parts[0].replace("/dev/cuau1", port.toString()),
                                setup.replace("'", "'\\''"));
        Path installer = Files.writeString(folder.resolve("installer"), script.replace("sleep 1", "sleep 0.1"));
        Shell.output(
                "sh %s\nfor i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; test -e %s && break; done\n"
                        .formatted(installer, off),
                folder);

        assertThat(off).as("powered off").exists();
        assertThat(Files.readString(port).lines().anyMatch(RequestOf.TOKEN::equals))
                .isEqualTo(told);
        assertThat(root.resolve("tmp/oz-done")).doesNotExist();
    }
}
