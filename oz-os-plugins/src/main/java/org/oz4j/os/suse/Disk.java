package org.oz4j.os.suse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.VolumeGroup;

/** How the first disk is divided: as the template says, or a root file system and swap. */
final class Disk {
    private static final long GIB = 1L << 30;

    private Disk() {}

    /** The layout; the root file system of one that the template does not have is of the given kind. */
    static Layout layout(ProfileRequest request, String root) {
        return request.template().disks().stream()
                .findFirst()
                .flatMap(Template.Disk::layout)
                .orElseGet(() -> new Layout(
                        List.of(
                                new Partition("", Optional.empty(), OptionalLong.of(GIB), "swap"),
                                new Partition("", Optional.of("/"), OptionalLong.empty(), root)),
                        List.of()));
    }

    /** Where a partition is mounted, as YaST and Agama say it. */
    static String mount(Partition partition) {
        return partition.mount().orElse("swap");
    }

    /** Whether anything is mounted there. */
    static boolean mounts(Layout layout, String folder) {
        List<Partition> all = new ArrayList<>(layout.partitions());
        layout.groups().stream().map(VolumeGroup::volumes).forEach(all::addAll);
        return all.stream().anyMatch(each -> each.mount().equals(Optional.of(folder)));
    }
}
