package org.oz4j.os.bsd;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.Accounts;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.os.answers.StandIns;
import org.oz4j.os.packages.Pkg;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Prompt;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.Setup;

/**
 * FreeBSD 10 to 15, from a changed copy of its CD or DVD, whose root file system is the installer's.
 *
 * <p>Source: bsdinstall(8), "SCRIPTING"; loader.conf(5); release/rc.local of FreeBSD's source, which starts the installer with
 * {@code /etc/installerconfig} where that is there. The loader has no kernel arguments; it reads {@code loader.conf.local}
 * behind the medium's own {@code loader.conf}. The screen stays the first console, since on a serial one rc.local asks for
 * the kind of terminal.
 *
 * <p>Machines that are no PCs may have no screen that vt(4) can use, so that question is answered. They have no second serial
 * port: the log goes to the first one, and they are powered off only when all went well. Source: release/arm64 and
 * release/powerpc of FreeBSD's source ({@code mkisoimages.sh}) for the media; sys/arm64/conf ({@code std.virt}, {@code std.dev})
 * and sys/powerpc/conf ({@code GENERIC64LE}) for the drivers of their disk and their CD, of which 13's for aarch64 were seen in
 * part, so that the loader is told of one (virtio_scsi(4)).
 *
 * <p>Not here: riscv64, whose kernel (sys/riscv/conf/GENERIC) has no driver for CDs, and powerpc64le from 15.0 on, which has
 * no medium with distribution sets.
 */
public final class FreeBsdPlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final int MEMORY_MIB = 1024;

    private static final String LOADER =
            """
            boot_multicons="YES"
            autoboot_delay="1"
            beastie_disable="YES"
            """;

    private static final String LOADER_OF_OTHERS = LOADER + "virtio_scsi_load=\"YES\"\n";

    /** Asked where the console is a serial port. */
    private static final Prompt TERMINAL = new Prompt("^Console type \\[vt100\\]:$", "vt100");

    /** What the new system's disk is called, by how it is attached; source: virtio_blk(4), ada(4), da(4). */
    private static final Map<DiskBus, String> DISKS =
            Map.of(DiskBus.VIRTIO, "vtbd0", DiskBus.SATA, "ada0", DiskBus.IDE, "ada0"); // else da0

    /** Names of layouts that are not those of templates; source: vt's files in share/vt/keymaps. */
    private static final Map<String, String> KEYMAPS = Map.of("gb", "uk");

    private static final List<Trouble> TROUBLE = List.of(
            new Trouble(
                    Trouble.Kind.ERROR,
                    Pattern.compile("^oz: the installation failed"),
                    Duration.ofSeconds(2),
                    "The installer's log is above"),
            new Trouble(
                    Trouble.Kind.PANIC,
                    Pattern.compile("^panic: "),
                    Duration.ofSeconds(2),
                    "Give the guest more memory"));

    /** From this branch on, its virtio is that of today (sys/dev/virtio/pci/virtio_pci_modern.c, of January 2021). */
    private static final int FIRST_OF_TODAYS_VIRTIO = 13;
    /** From this branch on, the console's driver is vt(4), whose keymaps have the names of layouts. */
    private static final int FIRST_WITH_VT = 11;
    /** From this branch on, there is none for 32-bit x86, and CDs have packages in place of distribution sets. */
    private static final int FIRST_OF_PACKAGES = 15;

    private static final String SETS = "usr/freebsd-dist/base.txz";

    /** A branch, with the releases of it, and the last day of the last one. */
    private record Branch(int major, int lastMinor, String endOfLife) {
        Stream<OsRelease> releases() {
            return Stream.iterate(0, minor -> minor <= lastMinor, minor -> minor + 1)
                    .map(minor -> rows(major + "." + minor, minor == lastMinor))
                    .flatMap(List::stream);
        }

        /** The rows of a version, of which that for PCs is the first. */
        private List<OsRelease> rows(String version, boolean last) {
            List<OsRelease> rows = new ArrayList<>();
            if (major < FIRST_OF_PACKAGES) {
                // one of 12 and one of 14 have stood in for all of them, which are told the same
                rows.addAll(StandIns.of(row(version, last, Support.CHECKED, Set.of(Arch.I386, Arch.X86_64), pc())));
            } else {
                rows.add(row(version, last, Support.EXPERIMENTAL, Set.of(Arch.X86_64), pc()));
            }
            if (major >= FIRST_OF_TODAYS_VIRTIO) {
                rows.add(row(version, last, Support.EXPERIMENTAL, Set.of(Arch.AARCH64), Set.of(Feature.UEFI)));
                if (major < FIRST_OF_PACKAGES) {
                    rows.add(row(version, last, Support.EXPERIMENTAL, Set.of(Arch.PPC64LE), Set.of()));
                }
            }
            return rows;
        }

        private OsRelease row(String version, boolean last, Support support, Set<Arch> arches, Set<Feature> firmware) {
            String home = "https://www.freebsd.org/releases/" + version + "R/";
            OsRelease.Builder builder = OsRelease.builder(
                            "FreeBSD",
                            version,
                            support,
                            arches.contains(Arch.X86_64) ? home : home + "announce/, ISO Image Checksums")
                    .aliases(List.of(version + "-RELEASE"))
                    .arches(arches)
                    .features(features(firmware));
            if (last && !endOfLife.isEmpty()) {
                builder.endOfLife(LocalDate.parse(endOfLife));
            }
            return builder.build();
        }

        private Set<Feature> pc() {
            return major >= FIRST_WITH_VT ? Set.of(Feature.BIOS, Feature.UEFI) : Set.of(Feature.BIOS);
        }

        private Set<Feature> features(Set<Feature> firmware) {
            Set<Feature> features =
                    EnumSet.of(Feature.USERS, Feature.SSH_KEYS, Feature.TIMEZONE, Feature.HOSTNAME, Feature.APPEND);
            features.addAll(firmware);
            if (major >= FIRST_WITH_VT) {
                features.add(Feature.KEYBOARD);
            }
            return features;
        }
    }

    /** Last days: https://www.freebsd.org/security/unsupported/; those to come are left out where they may move. */
    private static final List<OsRelease> RELEASES = Stream.of(
                    new Branch(10, 4, "2018-10-31"),
                    new Branch(11, 4, "2021-09-30"),
                    new Branch(12, 4, "2023-12-31"),
                    new Branch(13, 5, "2026-04-30"),
                    new Branch(14, 4, ""),
                    new Branch(15, 1, ""))
            .flatMap(Branch::releases)
            .toList();

    /** Called by {@link java.util.ServiceLoader}. */
    public FreeBsdPlugin() {}

    @Override
    public String id() {
        return "freebsd";
    }

    @Override
    public List<OsRelease> releases() {
        return RELEASES;
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        checkMedium(request.release(), request.medium());
        Arch arch = request.template().os().arch();
        DiskBus bus = request.diskBus().orElse(DiskBus.VIRTIO);
        String loader = arch.isX86() ? LOADER : LOADER_OF_OTHERS;
        InstallFlow flow = new InstallFlow(
                0,
                Duration.ofMinutes(30),
                Duration.ofMinutes(5),
                SerialPorts.signal(arch, false), // its driver of virtio's ports is a module
                TROUBLE,
                List.of());
        return new GuestProfile(
                MachineHints.of(arch, NicModel.VIRTIO, bus, MEMORY_MIB, 10 * GIB)
                        .withOldVirtio(major(request.release()) < FIRST_OF_TODAYS_VIRTIO),
                new AnswerFile("installerconfig", script(request, bus)),
                List.of(new RemasteredIso("etc/installerconfig", Map.of("boot/loader.conf.local", loader))),
                arch.isX86() ? flow : flow.withPrompts(List.of(TERMINAL)),
                List.of(),
                Optional.of(new Pkg()));
    }

    private static int major(OsRelease release) {
        return Integer.parseInt(release.version().replaceFirst("\\..*", ""));
    }

    /** Without the sets on the medium, the installer would ask for a mirror. */
    private static void checkMedium(OsRelease release, MediaFacts medium) {
        if (!medium.paths().isEmpty() && !medium.paths().contains(SETS)) {
            throw new UnsupportedOsException(
                    release.title(),
                    "The medium has no distribution sets (" + SETS + "), which a scripted install unpacks",
                    "Take the DVD (dvd1), or disc1 of a release before 15.0");
        }
    }

    private static String script(ProfileRequest request, DiskBus bus) {
        Setup setup = request.template().os().setup();
        return AnswerTemplate.fill(
                FreeBsdPlugin.class,
                "installerconfig.ftl",
                Map.ofEntries(
                        Map.entry("title", request.release().title()),
                        Map.entry("disk", DISKS.getOrDefault(bus, "da0")),
                        Map.entry("token", request.successToken()),
                        Map.entry("pc", request.template().os().arch().isX86()),
                        Map.entry(
                                "hostname",
                                HostName.of(request.template(), "freebsd").full()),
                        Map.entry(
                                "keymap",
                                setup.keyboard()
                                        .map(layout -> KEYMAPS.getOrDefault(layout, layout))
                                        .orElse("")),
                        Map.entry("timezone", setup.timezone().orElse("Etc/UTC")),
                        Map.entry("password", request.rootPassword().sha512Crypt()),
                        Map.entry("users", Accounts.users(request)),
                        Map.entry("rootkeys", setup.sshKeys())));
    }
}
