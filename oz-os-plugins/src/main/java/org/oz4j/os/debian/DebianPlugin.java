package org.oz4j.os.debian;

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

import org.oz4j.Arch;
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
 * Debian 5 and later, from a mirror or from a disc, by its own installer.
 *
 * <p>Sources: the Debian GNU/Linux Installation Guide for each release; wiki.debian.org/LTS and wiki.debian.org/DebianReleases
 * for dates; the release notes for kernels.
 */
public final class DebianPlugin implements OsPlugin {
    private static final Set<Feature> ALL = EnumSet.of(
            Feature.USERS,
            Feature.SSH_KEYS,
            Feature.LOCALE,
            Feature.KEYBOARD,
            Feature.TIMEZONE,
            Feature.HOSTNAME,
            Feature.LAYOUT,
            Feature.EXT2,
            Feature.EXT3,
            Feature.EXT4,
            Feature.XFS,
            Feature.BTRFS,
            Feature.VFAT,
            Feature.APPEND);

    /** Of the first one: its partitioner makes neither ext4 nor btrfs, and its keyboard is set in another file. */
    private static final Set<Feature> FIRST =
            without(ALL, Set.of(Feature.KEYBOARD, Feature.EXT4, Feature.BTRFS, Feature.VFAT));

    /** Debian's keys for the sums of CDs: https://www.debian.org/CD/verify. */
    private static final List<String> CD_SIGNERS = List.of(
            "10460DAD76165AD81FBC0CE9988021A964E6EA7D",
            "DF9B9C49EAA9298432589D76DA87E80D6294BE9B",
            "F41D30342F3546695F65C66942468F4009EA8AC3");

    private static final String SSH = "ssh.service";
    private static final String SSHD = "/usr/sbin/sshd -D $SSHD_OPTS"; // what the unit's ExecStart says
    private static final AccessRecipe CREDENTIALS = new AccessRecipe.SystemdCredentials(SSH, SSHD);
    private static final AccessRecipe EDIT = new AccessRecipe.OfflineEdit(SSH, SSHD);

    // Debian's package openssh-server: its init script reads the file, and runlevel 2 is what boots
    private static final List<AccessRecipe> BY_SCRIPT =
            List.of(new AccessRecipe.InitScript("ssh", "/etc/default/ssh", "SSHD_OPTS", "/etc/rc2.d"));
    /** 8 is the first with systemd and an OpenSSH that knows Ed25519. */
    private static final List<AccessRecipe> BY_EDIT = List.of(EDIT);
    /** 13 has systemd 257; 12 has 252, whose credentials can't change a unit's settings. */
    private static final List<AccessRecipe> BY_CREDENTIALS = List.of(CREDENTIALS, EDIT);

    private static final Set<InstallType> BOTH = EnumSet.allOf(InstallType.class);
    private static final Set<InstallType> MIRROR = Set.of(InstallType.URL);
    private static final Set<InstallType> DISC = Set.of(InstallType.ISO);

    private static final Set<Arch> PC = Set.of(Arch.I386, Arch.X86_64);
    private static final Set<Arch> PC64 = Set.of(Arch.X86_64);
    private static final Set<Arch> POWER = Set.of(Arch.PPC64, Arch.PPC64LE);

    /** Whose own installer was seen to install from a disc; of the others that were seen to, it was from a mirror. */
    private static final Set<String> DISC_INSTALLED = Set.of("13");

    /** From 13 on it is one of Debian's own architectures: release notes of 13, "Supported architectures". */
    private static final Set<String> WITH_RISCV = Set.of("13", "14");

    /** What differs between releases. */
    private record Row(
            String version,
            List<String> aliases,
            Support support,
            Set<Arch> pc,
            Set<Feature> firmware,
            Set<Feature> features,
            List<AccessRecipe> access,
            Optional<LocalDate> endOfLife,
            Installer installer) {

        List<OsRelease> releases() {
            List<OsRelease> all = new ArrayList<>();
            if (support == Support.INSTALLED) {
                // on amd64; from a disc some by a stand-in of the installer only
                if (DISC_INSTALLED.contains(version)) {
                    all.add(release(support, PC64, BOTH, firmware));
                } else {
                    all.add(release(support, PC64, MIRROR, firmware));
                    all.add(release(Support.STAND_IN, PC64, DISC, firmware));
                }
                if (pc.contains(Arch.I386)) {
                    all.add(release(Support.CHECKED, Set.of(Arch.I386), BOTH, Set.of(Feature.BIOS)));
                }
            } else {
                all.add(release(support, pc, BOTH, firmware));
            }
            all.add(release(Support.EXPERIMENTAL, Set.of(Arch.AARCH64, Arch.ARMV7L), BOTH, Set.of(Feature.UEFI)));
            all.add(release(Support.EXPERIMENTAL, POWER, MIRROR, Set.of()));
            all.add(release(Support.EXPERIMENTAL, Set.of(Arch.S390X), BOTH, Set.of()));
            if (WITH_RISCV.contains(version)) {
                all.add(release(Support.EXPERIMENTAL, Set.of(Arch.RISCV64), BOTH, Set.of(Feature.UEFI)));
            }
            return all;
        }

        private OsRelease release(Support level, Set<Arch> arches, Set<InstallType> types, Set<Feature> starts) {
            Set<Feature> given = EnumSet.copyOf(features);
            given.addAll(starts);
            OsRelease.Builder release = OsRelease.builder(
                            "Debian",
                            version,
                            level,
                            "https://www.debian.org/releases/" + installer.codename() + "/installmanual")
                    .aliases(aliases)
                    .arches(arches)
                    .installTypes(types)
                    .probe(installer.probe(arches, types))
                    .features(given)
                    .signers(CD_SIGNERS);
            endOfLife.ifPresent(release::endOfLife);
            return release.build();
        }
    }

    private static final Set<Feature> BIOS = Set.of(Feature.BIOS);
    /** From 8 on the installer puts the boot loader where an image needs it, on the fallback path. */
    private static final Set<Feature> UEFI = Set.of(Feature.BIOS, Feature.UEFI);

    private static final Map<String, Row> ROWS = List.of(
                    old(
                            "5",
                            "lenny",
                            Support.EXPERIMENTAL,
                            Generation.SHORT_RECIPES,
                            FIRST,
                            BIOS,
                            Hardware.IDE_VIRTIO_NET,
                            BY_SCRIPT,
                            "2012-02-06"),
                    old(
                            "6",
                            "squeeze",
                            Support.CHECKED,
                            Generation.SHORT_CHOICES,
                            ALL,
                            BIOS,
                            Hardware.LIBATA_VIRTIO_NET,
                            BY_SCRIPT,
                            "2016-02-29"),
                    old(
                            "7",
                            "wheezy",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            ALL,
                            BIOS,
                            Hardware.LIBATA_VIRTIO_NET,
                            BY_SCRIPT,
                            "2018-05-31"),
                    old(
                            "8",
                            "jessie",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            ALL,
                            UEFI,
                            Hardware.LIBATA_VIRTIO_NET,
                            BY_EDIT,
                            "2020-06-30"),
                    old(
                            "9",
                            "stretch",
                            Support.CHECKED,
                            Generation.KEYBOARD_CONFIGURATION,
                            ALL,
                            UEFI,
                            Hardware.VIRTIO,
                            BY_EDIT,
                            "2022-06-30"),
                    row("10", "buster", List.of(), Support.CHECKED, PC, BY_EDIT, "2024-06-30", true, false),
                    row("11", "bullseye", List.of(), Support.CHECKED, PC, BY_EDIT, "2026-08-31", false, false),
                    row("12", "bookworm", List.of(), Support.INSTALLED, PC, BY_EDIT, "2028-06-30", false, true),
                    row("13", "trixie", List.of(), Support.INSTALLED, PC64, BY_CREDENTIALS, "2030-06-30", false, true),
                    row("14", "forky", List.of("testing"), Support.EXPERIMENTAL, PC64, BY_CREDENTIALS, "", false, true))
            .stream()
            .collect(Collectors.toUnmodifiableMap(Row::version, Function.identity()));

    /** One whose packages are in the archive, signed by keys that are out of date. */
    private static Row old(
            String version,
            String codename,
            Support support,
            Generation generation,
            Set<Feature> features,
            Set<Feature> firmware,
            Hardware hardware,
            List<AccessRecipe> access,
            String endOfLife) {
        return new Row(
                version,
                List.of(codename),
                support,
                PC,
                firmware,
                features,
                access,
                Optional.of(LocalDate.parse(endOfLife)),
                new Installer(Family.DEBIAN, codename, generation, hardware, true, true, false));
    }

    private static Row row(
            String version,
            String codename,
            List<String> aliases,
            Support support,
            Set<Arch> pc,
            List<AccessRecipe> access,
            String endOfLife,
            boolean archived,
            boolean virtioPorts) {
        List<String> all = new ArrayList<>(List.of(codename));
        all.addAll(aliases);
        return new Row(
                version,
                all,
                support,
                pc,
                UEFI,
                ALL,
                access,
                endOfLife.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(endOfLife)),
                new Installer(
                        Family.DEBIAN,
                        codename,
                        Generation.KEYBOARD_CONFIGURATION,
                        Hardware.VIRTIO,
                        archived,
                        false,
                        virtioPorts));
    }

    private static Set<Feature> without(Set<Feature> all, Set<Feature> some) {
        Set<Feature> rest = EnumSet.copyOf(all);
        rest.removeAll(some);
        return rest;
    }

    /** Called by {@link java.util.ServiceLoader}. */
    public DebianPlugin() {}

    @Override
    public String id() {
        return "debian";
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
        Row row = ROWS.get(request.release().version());
        if (row == null) {
            throw new IllegalArgumentException("not a release of this plugin: " + request.release());
        }
        return DebianInstaller.profile(request, row.installer(), row.access());
    }
}
