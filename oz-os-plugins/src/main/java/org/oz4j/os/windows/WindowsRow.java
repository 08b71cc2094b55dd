package org.oz4j.os.windows;

import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.os.answers.StandIns;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.template.Feature;

/**
 * A release of Windows.
 *
 * @param version as templates have it
 * @param aliases further versions that mean it
 * @param arches its architectures
 * @param setup which Setup it has
 * @param image what Setup calls the edition to install, where the medium has several; empty before Vista
 * @param endOfLife the last day of (extended) support; empty where it differs between versions of the release
 * @param memoryMiB the least that Setup runs in
 * @param diskGiB the disk's size where the template says none
 * @param openSsh whether its vendor has an OpenSSH server for it: Microsoft, "Get started with OpenSSH for Windows"
 */
record WindowsRow(
        String version,
        List<String> aliases,
        Set<Arch> arches,
        Setup setup,
        String image,
        Optional<LocalDate> endOfLife,
        int memoryMiB,
        int diskGiB,
        boolean openSsh) {

    /** The generations of Setup. */
    enum Setup {
        /** Text mode and graphical mode, which read {@code winnt.sif}. */
        NT5,
        /** Windows PE, which reads {@code autounattend.xml}; Windows 6.0. */
        VISTA,
        /** Windows 6.1. */
        SEVEN,
        /** Windows 6.2 and later; starts by UEFI too. */
        EIGHT,
        /** As before, and wants UEFI, Secure Boot and a TPM. */
        ELEVEN
    }

    private static final Set<Arch> X86 = Set.of(Arch.I386);
    private static final Set<Arch> X64 = Set.of(Arch.X86_64);
    private static final Set<Arch> BOTH = Set.of(Arch.I386, Arch.X86_64);

    /** Where the last days of support are, and where the settings of answer files. */
    private static final String SOURCE = "https://learn.microsoft.com/lifecycle/products/"
            + " and https://learn.microsoft.com/windows-hardware/customize/desktop/unattend/";

    /**
     * All of them. Names of editions: Microsoft, "Windows Setup Supported Product Keys and Editions" and the image names in
     * {@code sources/install.wim} of the media; least memory and disk: its "system requirements" of each.
     */
    static final List<WindowsRow> ALL = List.of(
            row("2000", X86, Setup.NT5, "", "2010-07-13", 256, 10),
            row("XP", BOTH, Setup.NT5, "", "2014-04-08", 512, 10),
            row("2003", BOTH, Setup.NT5, "", "2015-07-14", 512, 10),
            row("2008", BOTH, Setup.VISTA, "Windows Longhorn SERVERSTANDARD", "2020-01-14", 1024, 40),
            row("2008R2", X64, Setup.SEVEN, "Windows Server 2008 R2 SERVERSTANDARD", "2020-01-14", 1024, 40),
            row("7", BOTH, Setup.SEVEN, "Windows 7 PROFESSIONAL", "2020-01-14", 2048, 40),
            row("8", BOTH, Setup.EIGHT, "Windows 8 Pro", "2016-01-12", 2048, 40),
            row("2012", X64, Setup.EIGHT, "Windows Server 2012 SERVERSTANDARD", "2023-10-10", 2048, 40),
            row("8.1", BOTH, Setup.EIGHT, "Windows 8.1 Pro", "2023-01-10", 2048, 40),
            row("2012R2", X64, Setup.EIGHT, "Windows Server 2012 R2 SERVERSTANDARD", "2023-10-10", 2048, 40),
            row("10", BOTH, Setup.EIGHT, "Windows 10 Pro", "2025-10-14", 2048, 40)
                    .withOpenSsh(),
            row("2016", X64, Setup.EIGHT, "Windows Server 2016 SERVERSTANDARD", "2027-01-12", 2048, 40),
            row("2019", X64, Setup.EIGHT, "Windows Server 2019 SERVERSTANDARD", "2029-01-09", 2048, 40)
                    .withOpenSsh(),
            row("2022", X64, Setup.EIGHT, "Windows Server 2022 SERVERSTANDARD", "2031-10-14", 2048, 40)
                    .withOpenSsh(),
            row("11", X64, Setup.ELEVEN, "Windows 11 Pro", "", 4096, 64).withOpenSsh(),
            row("2025", X64, Setup.EIGHT, "Windows Server 2025 SERVERSTANDARD", "2034-11-14", 2048, 40)
                    .withOpenSsh());

    /** Those of whose Setup a stand-in has gone through our tests. */
    private static final Set<String> STOOD_IN = Set.of("XP", "7", "11");

    private static WindowsRow row(
            String version, Set<Arch> arches, Setup setup, String image, String end, int memoryMiB, int diskGiB) {
        return new WindowsRow(
                version,
                version.endsWith("R2") ? List.of(version.replace("R2", " R2")) : List.of(),
                arches,
                setup,
                image,
                Optional.of(end).filter(day -> !day.isEmpty()).map(LocalDate::parse),
                memoryMiB,
                diskGiB,
                false);
    }

    private WindowsRow withOpenSsh() {
        return new WindowsRow(version, aliases, arches, setup, image, endOfLife, memoryMiB, diskGiB, true);
    }

    /** Whether it is a server, whose passwords must be of several kinds of characters. */
    boolean isServer() {
        return image.contains("SERVER");
    }

    /** The release, once for each of how sure we are of its architectures. */
    List<OsRelease> releases() {
        OsRelease release = release();
        return STOOD_IN.contains(version) ? StandIns.of(release) : List.of(release);
    }

    private OsRelease release() {
        OsRelease.Builder builder = OsRelease.builder("Windows", version, Support.CHECKED, SOURCE)
                .aliases(aliases)
                .arches(arches)
                .probe(Unattend.PROBED)
                .features(features());
        endOfLife.ifPresent(builder::endOfLife);
        return builder.build();
    }

    private Set<Feature> features() {
        Set<Feature> features = EnumSet.of(Feature.TIMEZONE, Feature.HOSTNAME);
        if (setup == Setup.NT5) {
            features.addAll(EnumSet.of(Feature.BIOS, Feature.APPEND));
            return features;
        }
        features.addAll(EnumSet.of(Feature.USERS, Feature.LOCALE, Feature.KEYBOARD));
        if (setup != Setup.ELEVEN) {
            features.add(Feature.BIOS);
        }
        if (setup.compareTo(Setup.EIGHT) >= 0) {
            features.add(Feature.UEFI);
        }
        return features;
    }
}
