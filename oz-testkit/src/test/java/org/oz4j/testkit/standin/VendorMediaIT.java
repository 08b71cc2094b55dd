package org.oz4j.testkit.standin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.media.MediaIdentity;
import org.oz4j.testkit.standin.StandInInstaller.AnacondaOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class VendorMediaIT {
    private static final List<String> BIOS = List.of("BIOS");
    private static final List<String> BOTH = List.of("BIOS", "UEFI");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    static List<Arguments> media() {
        return List.of(
                arguments(
                        VendorMedia.anaconda("Fedora", "44", "Fedora-S-dvd-x86_64-44", AnacondaOptions.PREFIXED, true),
                        "Fedora 44 BaseOS x86_64",
                        BOTH),
                arguments(VendorMedia.oldAnaconda("CentOS", "5.3", "CentOS_5.3", true), "CentOS 5.3 x86_64", BIOS),
                arguments(VendorMedia.debian("13.2", "Trixie"), "Debian 13.2.0 NETINST x86_64", BOTH),
                arguments(VendorMedia.ubuntuLive("24.04.3", "Noble Numbat"), "Ubuntu 24.04.3 Server x86_64", BOTH),
                arguments(VendorMedia.yast("openSUSE-Leap", "15.6", "LEAP"), "OpenSUSE 15.6 Leap", BOTH),
                arguments(VendorMedia.agama("SLES", "Install-SUSE-SLE-16.0-x86_64"), "SLE 16.0 x86_64", BOTH),
                arguments(VendorMedia.mageia("9"), "Mageia 9", BIOS),
                arguments(VendorMedia.mandriva("2008.0"), "Mandriva 2008.0 Free x86_64", BIOS),
                arguments(VendorMedia.alpine("3.22"), "Alpine 3.22.0 alpine-standard x86_64", BOTH),
                arguments(VendorMedia.arch("2025.11.01"), "Arch 2025.11.01 x86_64", BOTH),
                arguments(VendorMedia.freeBsd("14.3"), "FreeBSD 14.3 x86_64", BOTH),
                arguments(VendorMedia.windowsXp(), "Windows XP x86_64", BIOS));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("media")
    void aMediumIsToldAsTheVendorsIs(StandInMedium medium, String title, List<String> boots) throws Exception {
        assumeBuildable();
        Path iso = new StandIn().iso(medium, folder.resolve("out/medium.iso"));

        Optional<MediaIdentity> identity = MediaIdentity.of(iso);

        assertThat(identity).get().extracting(MediaIdentity::title).isEqualTo(title);
        assertThat(identity).get().extracting(MediaIdentity::boots).isEqualTo(boots);
        try (var files = Files.list(folder.resolve("out"))) {
            assertThat(files).containsExactly(iso);
        }
    }

    @Test
    void equalMediaAreEqual() throws Exception {
        assumeBuildable();
        StandInMedium medium = VendorMedia.windowsXp();
        Path first = new StandIn().iso(medium, folder.resolve("first.iso"));
        Path second = new StandIn().iso(medium, folder.resolve("second.iso"));

        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    }

    @Test
    void aTreeHoldsWhatAMediumOfItHolds() throws Exception {
        assumeBuildable();
        assertThat(new StandIn().tree(VendorMedia.debianMirror("trixie", "debian")))
                .containsOnlyKeys(
                        "dists/trixie/Release",
                        "dists/trixie/main/installer-amd64/current/images/netboot/debian-installer/amd64/initrd.gz",
                        "dists/trixie/main/installer-amd64/current/images/netboot/debian-installer/amd64/linux");
    }

    private static void assumeBuildable() {
        List<String> missing = StandIn.missingPackages();
        assumeTrue(missing.isEmpty(), () -> "stand-ins need: apt-get install " + String.join(" ", missing));
    }
}
