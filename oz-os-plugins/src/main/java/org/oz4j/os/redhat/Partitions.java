package org.oz4j.os.redhat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.remote.ShellWords;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.VolumeGroup;

/**
 * Writes how the disk is divided, as commands of kickstart.
 *
 * <p>Source: pykickstart's documentation of {@code part}, {@code volgroup}, {@code logvol}, {@code autopart} and
 * {@code reqpart}; the kickstart chapters of Red Hat's Customization Guides. Sizes are in MiB.
 */
final class Partitions {
    private static final long MIB = 1L << 20;
    private static final String BOOT = "/boot";
    private static final String EFI = "/boot/efi";
    private static final int NEW_STORAGE = 18; // divides disks by itself, without volume groups where told so
    private static final int REQPART = 23;
    private static final int SMALLEST_GROWING = 256;

    private final int level;
    private final String disk;
    private final Arch arch;
    private final boolean uefi;
    private final List<String> lines = new ArrayList<>();

    private Partitions(int level, String disk, Arch arch, boolean uefi) {
        this.level = level;
        this.disk = disk;
        this.arch = arch;
        this.uefi = uefi;
    }

    /**
     * The commands.
     *
     * @param layout the template's; empty for all of the disk with one root file system
     * @param disk its name, such as {@code vda}
     */
    static List<String> write(int level, Optional<Layout> layout, String disk, Arch arch, boolean uefi) {
        Partitions partitions = new Partitions(level, disk, arch, uefi);
        if (layout.isPresent()) {
            partitions.own(layout.get());
        } else if (level >= NEW_STORAGE) {
            partitions.lines.add("autopart --type=plain");
        } else {
            partitions.usual();
        }
        return List.copyOf(partitions.lines);
    }

    private void usual() {
        String filesystem = level >= 12 ? "ext4" : level >= -1 ? "ext3" : "ext2";
        required(false, false);
        part(BOOT, filesystem, OptionalLong.of(level >= 12 ? 500 : 200));
        part("swap", "", OptionalLong.of(512));
        part("/", filesystem, OptionalLong.empty());
    }

    private void own(Layout layout) {
        boolean ownEfi = layout.partitions().stream().anyMatch(one -> isAt(one, EFI));
        boolean rootInGroup = layout.groups().stream()
                .flatMap(group -> group.volumes().stream())
                .anyMatch(one -> isAt(one, "/"));
        boolean ownBoot = layout.partitions().stream().anyMatch(one -> isAt(one, BOOT));
        required(ownEfi, rootInGroup && !ownBoot);
        layout.partitions().forEach(this::own);
        for (int number = 1; number <= layout.groups().size(); number++) {
            VolumeGroup group = layout.groups().get(number - 1);
            String physical = "pv.0" + number;
            part(physical, "", mib(group.size()));
            lines.add("volgroup " + ShellWords.quote(group.name()) + " " + physical);
            group.volumes().forEach(volume -> volume(group, volume));
        }
    }

    private static boolean isAt(Partition partition, String mount) {
        return partition.mount().filter(mount::equals).isPresent();
    }

    private void own(Partition partition) {
        String mount = partition.mount().orElse("swap");
        part(
                mount,
                mount.equals("swap") ? "" : uefi && mount.equals(EFI) ? "efi" : partition.filesystem(),
                mib(partition.size()));
    }

    /** What the firmware boots from, which a template does not name. */
    private void required(boolean ownEfi, boolean boot) {
        if (level >= REQPART && !ownEfi) {
            lines.add("reqpart" + (boot ? " --add-boot" : ""));
            return;
        }
        if (arch == Arch.PPC64 || arch == Arch.PPC64LE) {
            part(level >= NEW_STORAGE ? "prepboot" : "None", level >= NEW_STORAGE ? "prepboot" : "PPC PReP Boot", 8);
        }
        // Fedora 16 and 17 write a GPT for BIOS too, which GRUB needs a partition for (their release notes)
        if ((level == 16 || level == 17) && !uefi) {
            part("biosboot", "biosboot", 1);
        }
        if (uefi && !ownEfi) {
            part(EFI, "efi", 200);
        }
        if (boot) {
            part(BOOT, level >= 12 ? "ext4" : "ext3", 500);
        }
    }

    private void part(String mount, String filesystem, int size) {
        part(mount, filesystem, OptionalLong.of(size));
    }

    private void part(String mount, String filesystem, OptionalLong size) {
        // 7.1 and before know no file system but ext2
        String type = filesystem.isEmpty() || level < -1 ? "" : " --fstype=" + ShellWords.quote(filesystem);
        lines.add("part " + mount + type + size(size) + " --ondisk=" + disk);
    }

    private void volume(VolumeGroup group, Partition volume) {
        lines.add(Stream.of(
                        "logvol " + volume.mount().orElse("swap"),
                        " --fstype=" + volume.filesystem(),
                        " --name=" + ShellWords.quote(volume.name()),
                        " --vgname=" + ShellWords.quote(group.name()),
                        size(mib(volume.size())))
                .reduce("", String::concat));
    }

    private static String size(OptionalLong mib) {
        return mib.isPresent() ? " --size=" + mib.getAsLong() : " --size=" + SMALLEST_GROWING + " --grow";
    }

    private static OptionalLong mib(OptionalLong bytes) {
        return bytes.isPresent() ? OptionalLong.of((bytes.getAsLong() + MIB - 1) / MIB) : bytes;
    }
}
