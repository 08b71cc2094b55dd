package org.oz4j.media;

import java.util.Optional;

/**
 * An entry of an ISO image's boot catalogue.
 *
 * @param platform the firmware that boots it
 * @param bootable whether the firmware may boot it
 * @param emulation what the firmware makes of the boot image
 * @param loadSectors how many sectors of 512 bytes the firmware loads, as the catalogue tells; 4 is usual for BIOS, 0 or
 *     1 mean "all" for UEFI
 * @param offset where the boot image begins in the ISO image, in bytes
 * @param bytes the size of the boot image in bytes
 * @param path the file that holds the boot image; none where it lies outside of the files, as in an appended partition
 */
public record BootEntry(
        Platform platform,
        boolean bootable,
        Emulation emulation,
        int loadSectors,
        long offset,
        long bytes,
        Optional<String> path) {

    /** The firmware that boots an entry. */
    public enum Platform {
        /** A PC's BIOS. */
        BIOS,
        /** UEFI; the boot image is a FAT file system. */
        UEFI,
        /** Another, such as PowerPC's or an old Macintosh's. */
        OTHER
    }

    /** What the firmware makes of the boot image. */
    public enum Emulation {
        /** Nothing; it is loaded and started. */
        NONE,
        /** A diskette. */
        DISKETTE,
        /** A hard disk. */
        HARD_DISK
    }
}
