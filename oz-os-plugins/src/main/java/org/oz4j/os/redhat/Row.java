package org.oz4j.os.redhat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;

/**
 * A release of the table.
 *
 * @param line the line of products that it is of
 * @param version its version in templates
 * @param aliases further versions that mean it
 * @param anaconda its installer
 * @param support how sure we are of it on its own architectures
 * @param endOfLife where that is known
 */
record Row(
        Line line,
        String version,
        List<String> aliases,
        Anaconda anaconda,
        Support support,
        Optional<LocalDate> endOfLife) {

    /**
     * A line of products, such as all updates of CentOS 5.
     *
     * @param os its name in templates
     * @param names further names
     * @param arches what its vendor publishes it for
     * @param others what templates may ask for besides, as the Python tool takes them, though no medium of the vendor is
     *     known to us
     * @param types what it is installed from
     * @param source the vendor's documents
     */
    record Line(
            String os, List<String> names, Set<Arch> arches, Set<Arch> others, Set<InstallType> types, String source) {}

    /** What releases are told apart by: the engine takes features and support for a release as a whole. */
    private record Kind(Support support, String source, Set<Feature> features) {}

    private static final int UEFI = 18; // with GRUB 2 on UEFI, whose shim also lies at the fallback path
    private static final String NO_MEDIUM = "the Python tool's table; no medium of the vendor is known to us";

    /** It, by architectures that share what they can and how sure we are of it. */
    List<OsRelease> releases() {
        Map<Kind, Set<Arch>> kinds = new LinkedHashMap<>();
        line.arches().forEach(arch -> kinds.computeIfAbsent(
                        new Kind(support(arch), line.source(), features(arch)), kind -> EnumSet.noneOf(Arch.class))
                .add(arch));
        line.others().stream().filter(arch -> !line.arches().contains(arch)).forEach(arch -> kinds.computeIfAbsent(
                        new Kind(Support.EXPERIMENTAL, NO_MEDIUM, features(arch)), kind -> EnumSet.noneOf(Arch.class))
                .add(arch));
        List<OsRelease> releases = new ArrayList<>();
        kinds.forEach((kind, arches) -> {
            OsRelease.Builder release = OsRelease.builder(line.os(), version, kind.support(), kind.source())
                    .names(line.names())
                    .aliases(aliases)
                    .arches(arches)
                    .installTypes(line.types())
                    .probe(List.of(TreeInfo.PATH))
                    .features(kind.features());
            endOfLife.ifPresent(release::endOfLife);
            releases.add(release.build());
        });
        return releases;
    }

    private Support support(Arch arch) {
        return arch == Arch.X86_64 && support == Support.CHECKED && anaconda.hasStandIn() ? Support.STAND_IN : support;
    }

    private Set<Feature> features(Arch arch) {
        int level = anaconda.level();
        Set<Feature> features = EnumSet.of(
                Feature.USERS,
                Feature.SSH_KEYS,
                Feature.LOCALE,
                Feature.KEYBOARD,
                Feature.TIMEZONE,
                Feature.LAYOUT,
                Feature.EXT2,
                Feature.APPEND);
        add(features, arch.isX86(), Feature.BIOS);
        add(features, arch.isArm() || (arch == Arch.X86_64 && level >= UEFI), Feature.UEFI);
        add(features, level >= 0, Feature.HOSTNAME, Feature.VOLUME_GROUPS);
        add(features, level >= -1, Feature.EXT3);
        add(features, level >= 7, Feature.VFAT);
        add(features, level >= 12, Feature.EXT4);
        add(features, level >= 17, Feature.XFS);
        add(features, level >= 33 && line.os().equals("Fedora"), Feature.BTRFS);
        return features;
    }

    private static void add(Set<Feature> features, boolean can, Feature... more) {
        if (can) {
            features.addAll(List.of(more));
        }
    }
}
