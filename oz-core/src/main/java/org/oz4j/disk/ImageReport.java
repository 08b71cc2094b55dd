package org.oz4j.disk;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a look at a disk found.
 *
 * @param bootable whether firmware would find something to start: boot code in the first sector, an EFI system
 *     partition, or a loader in a PReP boot partition
 * @param partitions the partitions; a file system on the whole disk counts as number 0
 */
public record ImageReport(boolean bootable, List<Partition> partitions) {
    /** Copies the list. */
    public ImageReport {
        partitions = List.copyOf(partitions);
    }

    /**
     * A partition.
     *
     * @param number from 1
     * @param offset its first byte
     * @param size in bytes
     * @param fileSystem what is on it, such as {@code ext4}, where that is known
     */
    public record Partition(int number, long offset, long size, Optional<String> fileSystem) {}

    /** Whether the disk looks like one that an installer has finished with. */
    public boolean looksInstalled() {
        return bootable && hasFileSystem();
    }

    /** Whether there is a file system that files may be on. */
    public boolean hasFileSystem() {
        return partitions.stream()
                .anyMatch(each -> each.fileSystem().isPresent()
                        && !each.fileSystem().get().equals("swap"));
    }

    /** What was found, for people. */
    public String explain() {
        if (partitions.isEmpty() && !bootable) {
            return "the disk is empty";
        }
        if (partitions.isEmpty()) {
            return "there are no partitions";
        }
        String found = partitions.stream()
                .map(each -> each.number() + ": " + each.fileSystem().orElse("nothing known"))
                .collect(Collectors.joining(", "));
        if (!bootable) {
            return "there is no boot loader (partitions " + found + ")";
        }
        return hasFileSystem()
                ? "boot loader and partitions " + found
                : "no partition has a file system (" + found + ")";
    }
}
