package org.oz4j.os.suse;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;

/**
 * What differs between releases.
 *
 * @param os the system's name
 * @param version its version
 * @param aliases further names of that version
 * @param yast how YaST installs it
 * @param product Agama's name of it, where Agama can install it
 * @param arches what its media are for
 * @param filesystem of the root, where the template says nothing of it
 * @param support how sure we are
 * @param end when its maintenance ended or ends, where that is known
 * @param traits what it has that most have not
 */
record SuseRow(
        String os,
        String version,
        List<String> aliases,
        Yast yast,
        Optional<String> product,
        Set<Arch> arches,
        String filesystem,
        Support support,
        Optional<LocalDate> end,
        Set<Trait> traits) {

    /** How YaST installs. */
    enum Yast {
        /** Not at all: Agama does. */
        NONE,
        /** All is done when the machine stops for the first time. */
        ONE_STAGE,
        /** The system is set up when it boots for the first time. */
        TWO_STAGES
    }

    /** What a release has that most have not. */
    enum Trait {
        /** Its crypt(3) knows no SHA-512, which came with glibc 2.7. */
        OLD_CRYPT,
        /** What it calls its disks is not certain. */
        OLD_DISK_NAMES,
        /** Its first stage goes over into the second without a reboot. */
        NO_REBOOT,
        /** No drivers for virtio in its installer. */
        NO_VIRTIO,
        /** Its Linux is older than 4.0, whose virtio is 0.9. */
        OLD_VIRTIO,
        /** Its packages lie in modules beside the product. */
        MODULES,
        /** It has no systemd. */
        INIT_SCRIPT,
        /** Its OpenSSH is 6.5 or later, and it has systemd. */
        OFFLINE_ACCESS,
        /** Its systemd is 256 or later. */
        CREDENTIALS,
        /** For all but x86_64 it is a port, whose media lie elsewhere. */
        PORTS,
        /** A stand-in of its installer has gone through our tests. */
        STAND_IN,
        /** The Python tool takes it for architectures that no media are known of. */
        ANY_ARCH
    }

    private static final Set<Arch> I386 = EnumSet.of(Arch.I386);
    private static final Set<Arch> X86_64 = EnumSet.of(Arch.X86_64);
    private static final Set<Arch> ARM = EnumSet.of(Arch.AARCH64, Arch.ARMV7L);
    private static final Set<Arch> OTHERS = EnumSet.of(Arch.PPC64, Arch.PPC64LE, Arch.S390X);
    private static final Set<Arch> OF_THE_PYTHON_TOOL =
            EnumSet.of(Arch.I386, Arch.X86_64, Arch.AARCH64, Arch.ARMV7L, Arch.S390X);

    private static final Set<Feature> FEATURES = EnumSet.of(
            Feature.USERS,
            Feature.SSH_KEYS,
            Feature.LOCALE,
            Feature.KEYBOARD,
            Feature.TIMEZONE,
            Feature.HOSTNAME,
            Feature.LAYOUT,
            Feature.EXT2,
            Feature.EXT3,
            Feature.XFS,
            Feature.VFAT,
            Feature.APPEND);

    /** The same, but what we know of it could not be confirmed. */
    SuseRow unsure() {
        return new SuseRow(os, version, aliases, yast, product, arches, filesystem, Support.EXPERIMENTAL, end, traits);
    }

    /** The same, but Agama can install it, and calls it that. */
    SuseRow byAgama(String name) {
        return new SuseRow(os, version, aliases, yast, Optional.of(name), arches, filesystem, support, end, traits);
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    int reboots() {
        return yast == Yast.TWO_STAGES && !has(Trait.NO_REBOOT) ? 1 : 0;
    }

    /** The release, once for each kind of firmware that its architectures have. */
    List<OsRelease> releases() {
        List<OsRelease> releases = new ArrayList<>();
        for (Set<Arch> kind : List.of(I386, X86_64, ARM, OTHERS)) {
            Set<Arch> known = EnumSet.copyOf(kind);
            known.retainAll(arches);
            add(releases, known, kind == X86_64 && has(Trait.STAND_IN) ? Support.STAND_IN : support, source(kind));
            if (has(Trait.ANY_ARCH)) {
                Set<Arch> unknown = EnumSet.copyOf(kind);
                unknown.retainAll(OF_THE_PYTHON_TOOL);
                unknown.removeAll(arches);
                add(releases, unknown, Support.EXPERIMENTAL, "what the Python tool accepts; no medium is known");
            }
        }
        return releases;
    }

    private void add(List<OsRelease> releases, Set<Arch> some, Support sure, String source) {
        if (some.isEmpty()) {
            return;
        }
        OsRelease.Builder release = OsRelease.builder(os, version, sure, source)
                .names(os.equals("SLES") ? List.of("SUSELinuxEnterpriseServer") : List.of())
                .aliases(aliases)
                .arches(some)
                .installTypes(yast == Yast.NONE ? Set.of(InstallType.ISO) : Set.of(InstallType.ISO, InstallType.URL))
                .features(features(some));
        end.ifPresent(release::endOfLife);
        releases.add(release.build());
    }

    private Set<Feature> features(Set<Arch> some) {
        Set<Feature> features = EnumSet.copyOf(FEATURES);
        boolean modern = yast != Yast.TWO_STAGES;
        if (modern) {
            features.addAll(Set.of(Feature.VOLUME_GROUPS, Feature.BTRFS));
        }
        if (!filesystem.equals("ext3")) {
            features.add(Feature.EXT4);
        }
        if (some.equals(I386) || some.equals(X86_64)) {
            features.add(Feature.BIOS);
        }
        if (ARM.containsAll(some) || (modern && some.equals(X86_64))) {
            features.add(Feature.UEFI);
        }
        return features;
    }

    private String source(Set<Arch> kind) {
        if (has(Trait.PORTS) && !kind.equals(X86_64)) {
            return "https://download.opensuse.org/ports/; https://doc.opensuse.org/projects/autoyast/";
        }
        if (yast == Yast.NONE) {
            return "https://agama-project.github.io/docs/user/reference/profile";
        }
        return os.equals("SLES")
                ? "https://documentation.suse.com/sles/" + version.replaceFirst("\\.", "-SP") + "/, AutoYaST Guide"
                : "https://doc.opensuse.org/projects/autoyast/";
    }
}
