package org.oz4j.os.ubuntu;

import java.net.URI;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.os.answers.StandIns;
import org.oz4j.os.preseed.DebianInstaller;
import org.oz4j.os.preseed.Family;
import org.oz4j.os.preseed.Generation;
import org.oz4j.os.preseed.Hardware;
import org.oz4j.os.preseed.Installer;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;

/**
 * Ubuntu Server: to 19.10 by Debian's installer, from a mirror or from a disc that has it (named {@code server} or {@code
 * alternate}, not {@code live-server}); from 20.04 on by Subiquity, from the live-server disc.
 *
 * <p>Sources: wiki.ubuntu.com/Releases for names and dates; the installation guides, help.ubuntu.com/VERSION/installation-guide;
 * packages.ubuntu.com and old-releases.ubuntu.com for kernels.
 */
public final class UbuntuPlugin implements OsPlugin {
    private static final Set<Feature> FIRST = EnumSet.of(
            Feature.USERS,
            Feature.SSH_KEYS,
            Feature.TIMEZONE,
            Feature.HOSTNAME,
            Feature.LAYOUT,
            Feature.EXT2,
            Feature.EXT3,
            Feature.XFS,
            Feature.APPEND);
    private static final Set<Feature> FROM_8_04 = with(FIRST, Feature.LOCALE);
    private static final Set<Feature> FROM_9_10 = with(FROM_8_04, Feature.EXT4);
    private static final Set<Feature> FROM_11_04 = with(FROM_9_10, Feature.KEYBOARD, Feature.BTRFS, Feature.VFAT);

    private static final Set<Feature> BIOS = Set.of(Feature.BIOS);
    /** From 16.04 on the installer can put the boot loader on the fallback path, where an image needs it. */
    private static final Set<Feature> UEFI = Set.of(Feature.BIOS, Feature.UEFI);

    /** Ubuntu's keys for the sums of discs: https://ubuntu.com/tutorials/how-to-verify-ubuntu. */
    private static final List<String> SIGNERS =
            List.of("843938DF228D22F7B3742BC0D94AA3F0EFE21092", "C5986B4F1257FFA86632CBA746181433FBB75451");

    private static final String SSH = "ssh.service";
    private static final String SSHD = "/usr/sbin/sshd -D $SSHD_OPTS"; // what the unit's ExecStart says
    private static final AccessRecipe CREDENTIALS = new AccessRecipe.SystemdCredentials(SSH, SSHD);
    private static final AccessRecipe EDIT = new AccessRecipe.OfflineEdit(SSH, SSHD);
    /** Its init script reads that file, as Debian's does. */
    private static final List<AccessRecipe> BY_SCRIPT =
            List.of(new AccessRecipe.InitScript("ssh", "/etc/default/ssh", "SSHD_OPTS", "/etc/rc2.d"));
    /** From 9.10 to 14.10 Upstart starts the server, by a job without options. */
    private static final List<AccessRecipe> BY_CONFIG =
            List.of(new AccessRecipe.ServerConfig(List.of("/etc/init/ssh.conf")));
    /** From 15.04 on systemd starts the system. */
    private static final List<AccessRecipe> BY_EDIT = List.of(EDIT);
    /** From 24.10 on it is systemd 256 or later. */
    private static final List<AccessRecipe> BY_CREDENTIALS = List.of(CREDENTIALS, EDIT);

    private static final Set<InstallType> BOTH = EnumSet.allOf(InstallType.class);
    private static final Set<InstallType> MIRROR = Set.of(InstallType.URL);
    private static final Set<InstallType> DISC = Set.of(InstallType.ISO);

    /** The one with Debian's installer of which a stand-in has gone through our tests. */
    private static final String STOOD_IN = "18.04";

    /** What differs between releases. */
    private static final String SOURCE = "https://wiki.ubuntu.com/Releases";

    private static final String RISCV_BOARDS = "https://canonical-ubuntu-hardware-support.readthedocs-hosted.com"
            + "/boards/how-to/ubuntu_supported/qemu-riscv/index.html";

    private static final String RVA23 = RISCV_BOARDS + " (riscv64's processors must be of the profile RVA23)";

    /** Where it is said of the releases with a server disc for RISC-V. */
    private static final Map<String, String> RISCV_SOURCES =
            Map.of("24.04", RISCV_BOARDS, "25.10", RVA23, "26.04", RVA23);

    private sealed interface Row {
        String version();

        List<OsRelease> releases();

        GuestProfile profile(ProfileRequest request);
    }

    /** By Debian's installer. */
    private record Preseeded(
            String version,
            int points,
            String endOfLife,
            Support support,
            Set<Feature> firmware,
            Set<Feature> features,
            List<AccessRecipe> access,
            Installer installer)
            implements Row {
        @Override
        public List<OsRelease> releases() {
            OsRelease pc = release(support, Set.of(Arch.I386, Arch.X86_64), BOTH, firmware);
            List<OsRelease> releases = new ArrayList<>(version.equals(STOOD_IN) ? StandIns.of(pc) : List.of(pc));
            releases.addAll(List.of(
                    release(Support.EXPERIMENTAL, Set.of(Arch.AARCH64, Arch.ARMV7L), BOTH, Set.of(Feature.UEFI)),
                    release(Support.EXPERIMENTAL, Set.of(Arch.PPC64, Arch.PPC64LE), MIRROR, Set.of()),
                    release(Support.EXPERIMENTAL, Set.of(Arch.S390X), BOTH, Set.of())));
            return releases;
        }

        private OsRelease release(Support level, Set<Arch> arches, Set<InstallType> types, Set<Feature> starts) {
            return row(version, points, installer.codename(), level, endOfLife, SOURCE)
                    .arches(arches)
                    .installTypes(types)
                    .probe(installer.probe(arches, types))
                    .features(with(features, starts.toArray(Feature[]::new)))
                    .build();
        }

        @Override
        public GuestProfile profile(ProfileRequest request) {
            return DebianInstaller.profile(request, installer, access);
        }
    }

    /** By Subiquity. */
    private record Autoinstalled(
            String version, int points, String codename, String endOfLife, int memoryMiB, List<AccessRecipe> access)
            implements Row {
        @Override
        public List<OsRelease> releases() {
            List<OsRelease> releases = new ArrayList<>(List.of(
                    release(Support.STAND_IN, Arch.X86_64, UEFI, SOURCE),
                    release(Support.EXPERIMENTAL, Arch.AARCH64, Set.of(Feature.UEFI), SOURCE)));
            Optional.ofNullable(RISCV_SOURCES.get(version))
                    .ifPresent(source ->
                            releases.add(release(Support.EXPERIMENTAL, Arch.RISCV64, Set.of(Feature.UEFI), source)));
            return releases;
        }

        private OsRelease release(Support level, Arch arch, Set<Feature> starts, String source) {
            return row(version, points, codename, level, endOfLife, source)
                    .arches(Set.of(arch))
                    .installTypes(DISC)
                    .probe(List.of(Subiquity.SOURCES))
                    .features(with(FROM_11_04, starts.toArray(Feature[]::new)))
                    .build();
        }

        @Override
        public GuestProfile profile(ProfileRequest request) {
            return Subiquity.profile(request, codename, memoryMiB, access);
        }
    }

    private static OsRelease.Builder row(
            String version, int points, String codename, Support support, String endOfLife, String source) {
        List<String> aliases = new ArrayList<>(List.of(codename));
        IntStream.rangeClosed(1, points).forEach(point -> aliases.add(version + "." + point));
        OsRelease.Builder row = OsRelease.builder("Ubuntu", version, support, source)
                .aliases(aliases)
                .signers(SIGNERS);
        return endOfLife.isEmpty() ? row : row.endOfLife(LocalDate.parse(endOfLife));
    }

    // version, number of its point releases, codename, end of life
    private static final Map<String, Row> ROWS = Stream.of(
                    first("5.04", 0, "hoary", "2006-10-31", Generation.BASE_CONFIG, Hardware.IDE),
                    first("5.10", 0, "breezy", "2007-04-13", Generation.BASE_CONFIG, Hardware.IDE),
                    first("6.06", 2, "dapper", "2011-06-01", Generation.PREBASECONFIG, Hardware.IDE),
                    first("6.10", 0, "edgy", "2008-04-25", Generation.FINISH_INSTALL, Hardware.IDE),
                    first("7.04", 0, "feisty", "2008-10-19", Generation.FINISH_INSTALL, Hardware.LIBATA),
                    first("7.10", 0, "gutsy", "2009-04-18", Generation.FINISH_INSTALL, Hardware.LIBATA),
                    old("8.04", 4, "hardy", "2013-05-09", Support.EXPERIMENTAL, Generation.SHORT_RECIPES, FROM_8_04),
                    old("8.10", 0, "intrepid", "2010-04-30", Support.EXPERIMENTAL, Generation.SHORT_RECIPES, FROM_8_04),
                    old("9.04", 0, "jaunty", "2010-10-23", Support.EXPERIMENTAL, Generation.SHORT_RECIPES, FROM_8_04),
                    old("9.10", 0, "karmic", "2011-04-30", Support.CHECKED, Generation.SHORT_CHOICES, FROM_9_10),
                    old("10.04", 4, "lucid", "2015-04-30", Support.CHECKED, Generation.SHORT_CHOICES, FROM_9_10),
                    old("10.10", 0, "maverick", "2012-04-10", Support.CHECKED, Generation.SHORT_CHOICES, FROM_9_10),
                    old(
                            "11.04",
                            0,
                            "natty",
                            "2012-10-28",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            FROM_11_04),
                    old(
                            "11.10",
                            0,
                            "oneiric",
                            "2013-05-09",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            FROM_11_04),
                    old(
                            "12.04",
                            5,
                            "precise",
                            "2017-04-28",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            FROM_11_04),
                    old(
                            "12.10",
                            0,
                            "quantal",
                            "2014-05-16",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            FROM_11_04),
                    old(
                            "13.04",
                            0,
                            "raring",
                            "2014-01-27",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            FROM_11_04),
                    old(
                            "13.10",
                            0,
                            "saucy",
                            "2014-07-17",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            FROM_11_04),
                    // 14.04, 16.04, 18.04 stay on the mirrors, for those who pay for their mending
                    upstart("14.04", 6, "trusty", "2019-04-25", false, BY_CONFIG),
                    upstart("14.10", 0, "utopic", "2015-07-23", true, BY_CONFIG),
                    upstart("15.04", 0, "vivid", "2016-02-04", true, BY_EDIT),
                    virtio("15.10", 0, "wily", "2016-07-28", true, BIOS),
                    virtio("16.04", 7, "xenial", "2021-04-30", false, UEFI),
                    virtio("16.10", 0, "yakkety", "2017-07-20", true, UEFI),
                    virtio("17.04", 0, "zesty", "2018-01-13", true, UEFI),
                    virtio("17.10", 1, "artful", "2018-07-19", true, UEFI),
                    virtio("18.04", 6, "bionic", "2023-05-31", false, UEFI),
                    virtio("18.10", 0, "cosmic", "2019-07-18", true, UEFI),
                    virtio("19.04", 0, "disco", "2020-01-23", true, UEFI),
                    virtio("19.10", 0, "eoan", "2020-07-17", true, UEFI),
                    new Autoinstalled("20.04", 6, "focal", "2025-05-31", 2048, BY_EDIT),
                    new Autoinstalled("22.04", 5, "jammy", "", 2048, BY_EDIT),
                    new Autoinstalled("24.04", 4, "noble", "", 3072, BY_EDIT),
                    new Autoinstalled("25.10", 0, "questing", "", 3072, BY_CREDENTIALS),
                    new Autoinstalled("26.04", 1, "resolute", "", 3072, BY_CREDENTIALS))
            .collect(Collectors.toUnmodifiableMap(Row::version, Function.identity()));

    /** Without virtio, and with a C library that knows MD5 hashes alone; no guide tells all of how they are answered. */
    private static Row first(
            String version, int points, String codename, String end, Generation generation, Hardware hardware) {
        return new Preseeded(
                version,
                points,
                end,
                Support.EXPERIMENTAL,
                BIOS,
                FIRST,
                BY_SCRIPT,
                of(codename, generation, hardware, true));
    }

    /** With virtio for the network. Before 9.10 the names of choices are not those of later guides, and were not read up. */
    private static Row old(
            String version,
            int points,
            String codename,
            String end,
            Support support,
            Generation generation,
            Set<Feature> features) {
        return new Preseeded(
                version,
                points,
                end,
                support,
                BIOS,
                features,
                support == Support.EXPERIMENTAL ? BY_SCRIPT : BY_CONFIG,
                of(codename, generation, Hardware.LIBATA_VIRTIO_NET, true));
    }

    /** The last ones whose kernels know no virtio 1.0. */
    private static Row upstart(
            String version, int points, String codename, String end, boolean archived, List<AccessRecipe> access) {
        return new Preseeded(
                version,
                points,
                end,
                Support.CHECKED,
                BIOS,
                FROM_11_04,
                access,
                of(codename, Generation.KEYBOARD_CONFIGURATION, Hardware.LIBATA_VIRTIO_NET, archived));
    }

    /** With systemd, and virtio for all. */
    private static Row virtio(
            String version, int points, String codename, String end, boolean archived, Set<Feature> firmware) {
        return new Preseeded(
                version,
                points,
                end,
                Support.CHECKED,
                firmware,
                FROM_11_04,
                BY_EDIT,
                of(codename, Generation.KEYBOARD_CONFIGURATION, Hardware.VIRTIO, archived));
    }

    private static Installer of(String codename, Generation generation, Hardware hardware, boolean archived) {
        return new Installer(Family.UBUNTU, codename, generation, hardware, archived, false, false);
    }

    private static Set<Feature> with(Set<Feature> some, Feature... more) {
        Set<Feature> all = EnumSet.copyOf(some);
        all.addAll(List.of(more));
        return all;
    }

    /** Called by {@link java.util.ServiceLoader}. */
    public UbuntuPlugin() {}

    @Override
    public String id() {
        return "ubuntu";
    }

    @Override
    public List<OsRelease> releases() {
        return ROWS.values().stream().flatMap(row -> row.releases().stream()).toList();
    }

    @Override
    public URI tree(URI location) {
        return DebianInstaller.tree(location);
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        return Optional.ofNullable(ROWS.get(request.release().version()))
                .orElseThrow(() -> new IllegalArgumentException("not a release of this plugin: " + request.release()))
                .profile(request);
    }
}
