package org.oz4j.os.suse;

import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.os.suse.SuseRow.Trait;
import org.oz4j.os.suse.SuseRow.Yast;
import org.oz4j.spi.OsRelease.Support;

import static org.oz4j.os.suse.SuseRow.Trait.ANY_ARCH;
import static org.oz4j.os.suse.SuseRow.Trait.CREDENTIALS;
import static org.oz4j.os.suse.SuseRow.Trait.INIT_SCRIPT;
import static org.oz4j.os.suse.SuseRow.Trait.MODULES;
import static org.oz4j.os.suse.SuseRow.Trait.NO_REBOOT;
import static org.oz4j.os.suse.SuseRow.Trait.NO_VIRTIO;
import static org.oz4j.os.suse.SuseRow.Trait.OFFLINE_ACCESS;
import static org.oz4j.os.suse.SuseRow.Trait.OLD_CRYPT;
import static org.oz4j.os.suse.SuseRow.Trait.OLD_DISK_NAMES;
import static org.oz4j.os.suse.SuseRow.Trait.OLD_VIRTIO;
import static org.oz4j.os.suse.SuseRow.Trait.PORTS;
import static org.oz4j.os.suse.SuseRow.Trait.STAND_IN;
import static org.oz4j.os.suse.SuseRow.Yast.NONE;
import static org.oz4j.os.suse.SuseRow.Yast.ONE_STAGE;
import static org.oz4j.os.suse.SuseRow.Yast.TWO_STAGES;

/**
 * The releases; a new one is one row.
 *
 * <p>Sources: en.opensuse.org/Lifetime, suse.com/lifecycle; the release notes for architectures; the AutoYaST Guide for the
 * stages, which are one where {@code second_stage} can be turned off (SLES 12, openSUSE 13.2); the folders {@code tumbleweed/iso}
 * of download.opensuse.org/ports for Tumbleweed. None of them was found to have a DVD for riscv64.
 */
final class SuseReleases {
    private static final Set<Arch> PC = EnumSet.of(Arch.I386, Arch.X86_64);
    private static final Set<Arch> LEAP_42 = EnumSet.of(Arch.X86_64, Arch.AARCH64);
    private static final Set<Arch> LEAP = EnumSet.of(Arch.X86_64, Arch.AARCH64, Arch.PPC64LE);
    private static final Set<Arch> SERVERS = EnumSet.of(Arch.X86_64, Arch.AARCH64, Arch.PPC64LE, Arch.S390X);
    private static final Set<Arch> SLES_12 = EnumSet.of(Arch.X86_64, Arch.PPC64LE, Arch.S390X);
    private static final Set<Arch> SLES_11 = EnumSet.of(Arch.I386, Arch.X86_64, Arch.PPC64, Arch.S390X);

    /** All of them. */
    static final List<SuseRow> ROWS = List.of(
            openSuse(
                            "10.3",
                            "2009-10-31",
                            TWO_STAGES,
                            PC,
                            "ext3",
                            ANY_ARCH,
                            INIT_SCRIPT,
                            OLD_CRYPT,
                            OLD_DISK_NAMES,
                            NO_REBOOT,
                            NO_VIRTIO)
                    .unsure(),
            openSuse("11.0", "2010-07-26", TWO_STAGES, PC, "ext3", ANY_ARCH, INIT_SCRIPT, OLD_VIRTIO)
                    .unsure(),
            openSuse("11.1", "2011-01-14", TWO_STAGES, PC, "ext3", ANY_ARCH, INIT_SCRIPT, OLD_VIRTIO)
                    .unsure(),
            openSuse("11.2", "2011-05-12", TWO_STAGES, PC, "ext4", ANY_ARCH, INIT_SCRIPT, OLD_VIRTIO),
            openSuse("11.3", "2012-01-20", TWO_STAGES, PC, "ext4", ANY_ARCH, INIT_SCRIPT, OLD_VIRTIO),
            openSuse("11.4", "2012-11-05", TWO_STAGES, PC, "ext4", ANY_ARCH, INIT_SCRIPT, OLD_VIRTIO),
            openSuse("12.1", "2013-05-15", TWO_STAGES, PC, "ext4", ANY_ARCH, OLD_VIRTIO),
            openSuse("12.2", "2014-01-15", TWO_STAGES, PC, "ext4", ANY_ARCH, OLD_VIRTIO),
            openSuse("12.3", "2015-01-29", TWO_STAGES, PC, "ext4", ANY_ARCH, OLD_VIRTIO),
            openSuse("13.1", "2016-02-03", TWO_STAGES, PC, "ext4", ANY_ARCH, OLD_VIRTIO),
            openSuse("13.2", "2017-01-17", ONE_STAGE, PC, "ext4", ANY_ARCH, OFFLINE_ACCESS, OLD_VIRTIO),
            openSuse("42.1", "2017-05-17", ONE_STAGE, LEAP_42, "ext4", ANY_ARCH, OFFLINE_ACCESS, STAND_IN),
            openSuse("42.2", "2018-01-26", ONE_STAGE, LEAP_42, "ext4", ANY_ARCH, OFFLINE_ACCESS, STAND_IN),
            openSuse("42.3", "2019-06-30", ONE_STAGE, LEAP_42, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("15.0", "2019-12-03", ONE_STAGE, LEAP, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("15.1", "2021-02-02", ONE_STAGE, LEAP, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("15.2", "2022-01-04", ONE_STAGE, LEAP, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("15.3", "2022-12-31", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("15.4", "2023-12-07", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("15.5", "2024-12-31", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("15.6", "", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            openSuse("16.0", "", NONE, SERVERS, "ext4", CREDENTIALS).byAgama("Leap_16.0"),
            // by YaST or by Agama, as its medium has it
            openSuse("Tumbleweed", "", ONE_STAGE, SERVERS, "ext4", CREDENTIALS, PORTS)
                    .byAgama("Tumbleweed")
                    .unsure(),
            sles("11", "2010-12-31", TWO_STAGES, SLES_11, "ext3", INIT_SCRIPT, OLD_VIRTIO),
            sles("11.1", "2012-08-31", TWO_STAGES, SLES_11, "ext3", INIT_SCRIPT, OLD_VIRTIO),
            sles("11.2", "2014-01-31", TWO_STAGES, SLES_11, "ext3", INIT_SCRIPT, OLD_VIRTIO),
            sles("11.3", "2016-01-31", TWO_STAGES, SLES_11, "ext3", INIT_SCRIPT, OLD_VIRTIO),
            sles("11.4", "2019-03-31", TWO_STAGES, SLES_11, "ext3", INIT_SCRIPT, OLD_VIRTIO),
            sles("12", "2016-06-30", ONE_STAGE, SLES_12, "ext4", OFFLINE_ACCESS, OLD_VIRTIO),
            sles("12.1", "2017-05-31", ONE_STAGE, SLES_12, "ext4", OFFLINE_ACCESS, OLD_VIRTIO),
            sles("12.2", "2018-03-31", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            sles("12.3", "2019-06-30", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            sles("12.4", "2020-06-30", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            sles("12.5", "2024-10-31", ONE_STAGE, SERVERS, "ext4", OFFLINE_ACCESS, STAND_IN),
            // The modules of these two are on a medium of their own.
            sles("15", "2019-12-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS)
                    .unsure(),
            sles("15.1", "2021-01-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS)
                    .unsure(),
            sles("15.2", "2021-12-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS),
            sles("15.3", "2022-12-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS),
            sles("15.4", "2023-12-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS),
            sles("15.5", "2024-12-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS),
            sles("15.6", "2025-12-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS),
            sles("15.7", "2031-07-31", ONE_STAGE, SERVERS, "ext4", MODULES, OFFLINE_ACCESS),
            sles("16.0", "", NONE, SERVERS, "ext4", CREDENTIALS, STAND_IN).byAgama("SLES"));

    private SuseReleases() {}

    private static SuseRow openSuse(
            String version, String end, Yast yast, Set<Arch> arches, String filesystem, Trait... traits) {
        return row("OpenSUSE", version, List.of(), end, yast, arches, filesystem, traits);
    }

    /** A service pack is what comes after the point. */
    private static SuseRow sles(
            String version, String end, Yast yast, Set<Arch> arches, String filesystem, Trait... traits) {
        List<String> aliases = version.contains(".") && yast != NONE
                ? List.of(version.replace(".", "-SP"), version.replace(".", "SP"))
                : List.of();
        return row("SLES", version, aliases, end, yast, arches, filesystem, traits);
    }

    private static SuseRow row(
            String os,
            String version,
            List<String> aliases,
            String end,
            Yast yast,
            Set<Arch> arches,
            String filesystem,
            Trait... traits) {
        return new SuseRow(
                os,
                version,
                aliases,
                yast,
                Optional.empty(),
                arches,
                filesystem,
                Support.CHECKED,
                end.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(end)),
                Set.of(traits));
    }
}
