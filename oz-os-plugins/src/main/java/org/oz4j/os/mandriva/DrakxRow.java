package org.oz4j.os.mandriva;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.os.answers.StandIns;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;

/**
 * What differs between releases.
 *
 * @param os the system's name
 * @param version its version
 * @param arches what its media are for
 * @param folder where the kernel is, in {@code isolinux} of the medium; {@code ARCH} stands for the architecture
 * @param filesystem of the root, where the template says nothing of it
 * @param support how sure we are
 * @param traits what it has that most have not
 */
record DrakxRow(
        String os,
        String version,
        Set<Arch> arches,
        String folder,
        String filesystem,
        Support support,
        Set<Trait> traits) {

    /** What a release has that most have not. */
    enum Trait {
        /** Its crypt(3) knows no SHA-512, which came with glibc 2.7. */
        OLD_CRYPT,
        /** Its installer knows file systems by the type of their partition. */
        OLD_TYPES,
        /** No drivers for virtio in its installer. */
        NO_VIRTIO,
        /** Its Linux is older than 4.0, whose virtio is 0.9. */
        OLD_VIRTIO,
        /** Its installer may lack a driver for serial ports. */
        NO_SERIAL,
        /** The install tree lies in a folder of the medium that has the architecture's name. */
        TREE_IN_FOLDER,
        /** Its installer has the medium at {@code /tmp/media}, and can install from a tree too. */
        MEDIA,
        /** Its OpenSSH is 6.5 or later, and it has systemd. */
        OFFLINE_ACCESS,
        /** A stand-in of its installer has gone through our tests. */
        STAND_IN,
        /** The Python tool takes it for architectures that no media are known of. */
        ANY_ARCH
    }

    private static final Set<Arch> X86 = EnumSet.of(Arch.I386, Arch.X86_64);
    private static final Set<Arch> ARM = EnumSet.of(Arch.AARCH64, Arch.ARMV7L);
    private static final Set<Arch> Z = EnumSet.of(Arch.S390X);
    private static final Set<Arch> POWER = EnumSet.of(Arch.PPC64, Arch.PPC64LE);
    private static final String UNKNOWN = "what the Python tool accepts; no medium is known";

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    List<String> packages() {
        return has(Trait.MEDIA)
                ? List.of("basesystem", "dhcp-client", "grub", "locales-en", "openssh-server", "urpmi")
                : List.of("basesystem", "dhcpcd", "openssh-server", "urpmi");
    }

    /** The release, once for each kind of firmware, medium and certainty that it has. */
    List<OsRelease> releases() {
        List<OsRelease> releases = new ArrayList<>();
        List<OsRelease> iso = new ArrayList<>();
        add(iso, arches, InstallType.ISO, support, source());
        releases.addAll(has(Trait.STAND_IN) ? StandIns.of(iso.get(0)) : iso);
        if (has(Trait.MEDIA)) {
            add(releases, arches, InstallType.URL, Support.EXPERIMENTAL, source());
        }
        if (has(Trait.ANY_ARCH)) {
            for (InstallType type : has(Trait.MEDIA) ? InstallType.values() : new InstallType[] {InstallType.ISO}) {
                add(releases, ARM, type, Support.EXPERIMENTAL, UNKNOWN);
                add(releases, Z, type, Support.EXPERIMENTAL, UNKNOWN);
            }
            if (has(Trait.MEDIA)) {
                add(releases, POWER, InstallType.URL, Support.EXPERIMENTAL, UNKNOWN);
            }
        }
        return releases;
    }

    private void add(List<OsRelease> releases, Set<Arch> some, InstallType type, Support sure, String source) {
        releases.add(OsRelease.builder(os, version, sure, source)
                .arches(some)
                .installTypes(Set.of(type))
                .features(features(some))
                .build());
    }

    private Set<Feature> features(Set<Arch> some) {
        Set<Feature> features = EnumSet.of(
                Feature.USERS,
                Feature.SSH_KEYS,
                Feature.TIMEZONE,
                Feature.HOSTNAME,
                Feature.LAYOUT,
                Feature.EXT2,
                Feature.EXT3,
                Feature.APPEND);
        if (has(Trait.MEDIA)) {
            features.addAll(Set.of(Feature.EXT4, Feature.XFS));
        }
        if (X86.containsAll(some)) {
            features.add(Feature.BIOS);
        }
        if (ARM.containsAll(some)) {
            features.add(Feature.UEFI);
        }
        return features;
    }

    private String source() {
        return has(Trait.MEDIA)
                ? "https://wiki.mageia.org/en/Auto_inst"
                : "package drakx-autoinstall-doc, \"Auto Install for Mandrakelinux\"";
    }
}
