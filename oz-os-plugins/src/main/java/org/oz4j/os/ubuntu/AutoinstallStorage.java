package org.oz4j.os.ubuntu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.oz4j.UnsupportedOsException;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;

/**
 * Writes a disk's layout as actions for curtin.
 *
 * <p>Sources: curtin's documentation, "Storage"; the autoinstall reference, "Action-based configuration": sizes are in bytes,
 * and -1 fills up the disk, for the last partition alone.
 */
final class AutoinstallStorage {
    private static final long MIB = 1L << 20;
    private static final String EFI = "/boot/efi";
    /** For the partition tables at both ends. */
    private static final long TABLES = 4 * MIB;

    private final List<Map<String, Object>> actions = new ArrayList<>();
    private final String title;
    private final boolean uefi;
    private int number;

    private AutoinstallStorage(String title, boolean uefi) {
        this.title = title;
        this.uefi = uefi;
    }

    /**
     * The actions.
     *
     * @param title of the release, for messages
     * @param disk the disk, as in {@code /dev/vda}
     * @param bytes the disk's size
     */
    static List<Map<String, Object>> write(Layout layout, String title, String disk, long bytes, boolean uefi) {
        AutoinstallStorage storage = new AutoinstallStorage(title, uefi);
        storage.add(layout.partitions(), disk, bytes);
        return storage.actions;
    }

    private void add(List<Partition> partitions, String disk, long bytes) {
        Map<String, Object> whole = action("disk", "disk");
        whole.put("path", disk);
        whole.put("ptable", "gpt");
        whole.put("wipe", "superblock-recursive");
        whole.put("preserve", false);
        whole.put("grub_device", !uefi);
        long before = TABLES;
        if (!uefi) {
            partition(MIB).put("flag", "bios_grub");
            before += MIB;
        } else if (partitions.stream().noneMatch(AutoinstallStorage::isEfi)) {
            long size = 512 * MIB;
            boot(partition(size));
            mount("fat32", EFI);
            before += size;
        }
        long left = bytes - before - partitions.stream().mapToLong(this::size).sum();
        for (int i = 0; i < partitions.size(); i++) {
            Partition one = partitions.get(i);
            boolean last = i == partitions.size() - 1;
            long size = one.size().isPresent() ? size(one) : last ? -1 : rest(left);
            Map<String, Object> partition = partition(size);
            if (uefi && isEfi(one)) {
                boot(partition);
            }
            boolean swap = one.filesystem().equals("swap");
            if (swap) {
                partition.put("flag", "swap");
            }
            mount(
                    one.filesystem().equals("vfat") ? "fat32" : one.filesystem(),
                    swap ? "" : one.mount().orElseThrow());
        }
    }

    private long rest(long left) {
        if (left < MIB) {
            throw new UnsupportedOsException(
                    title, "The disk is too small for its <layout>", "Give the disk or its partitions another size");
        }
        return left / MIB * MIB;
    }

    private long size(Partition one) {
        return (one.size().orElse(0) + MIB - 1) / MIB * MIB;
    }

    private static boolean isEfi(Partition one) {
        return one.mount().orElse("").equals(EFI);
    }

    private static void boot(Map<String, Object> partition) {
        partition.put("flag", "boot");
        partition.put("grub_device", true);
    }

    private Map<String, Object> partition(long size) {
        number++;
        Map<String, Object> partition = action("partition", "partition-" + number);
        partition.put("device", "disk");
        partition.put("size", size);
        partition.put("wipe", "superblock");
        return partition;
    }

    private void mount(String filesystem, String path) {
        Map<String, Object> format = action("format", "format-" + number);
        format.put("volume", "partition-" + number);
        format.put("fstype", filesystem);
        Map<String, Object> mount = action("mount", "mount-" + number);
        mount.put("device", "format-" + number);
        mount.put("path", path);
    }

    private Map<String, Object> action(String type, String id) {
        Map<String, Object> action = new LinkedHashMap<>();
        action.put("type", type);
        action.put("id", id);
        actions.add(action);
        return action;
    }
}
