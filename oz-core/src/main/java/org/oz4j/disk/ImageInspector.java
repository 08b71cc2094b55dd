package org.oz4j.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.oz4j.ImageFormat;
import org.oz4j.disk.ImageReport.Partition;

/**
 * Looks at a disk image from outside.
 *
 * <p>Sources: UEFI Specification 2.10, chapter 5 (MBR and GPT); the file systems' own on-disk formats; for POWER's boot
 * partition, Linux on Power Architecture Reference ("PReP") and {@code setup-disk} of Alpine.
 */
public final class ImageInspector {
    private static final int SECTOR = 512;
    private static final int BOOT_CODE = 440;
    private static final int GPT_PROTECTIVE = 0xee;
    private static final long EFI_SYSTEM_LOW = 0x11d2f81fc12a7328L; // C12A7328-F81F-11D2-BA4B-00A0C93EC93B
    private static final long EFI_SYSTEM_HIGH = 0x3bc93ec9a0004bbaL;
    private static final int PREP = 0x41;
    private static final long PREP_LOW = 0x4316c6129e1a2d38L; // 9E1A2D38-C612-4316-AA26-8B49521E5A8B
    private static final long PREP_HIGH = 0x8b5a1e52498b26aaL;
    private static final int ELF = 0x464c457f;
    private static final int MOST_LOGICAL = 128;

    /** A magic number of a file system. */
    private record Magic(String fileSystem, int offset, String text) {
        boolean matches(ByteBuffer start) {
            byte[] found = new byte[text.length()];
            start.get(offset, found);
            return new String(found, StandardCharsets.ISO_8859_1).equals(text);
        }
    }

    private static final List<Magic> MAGICS = List.of(
            new Magic("ext4", 1024 + 0x38, "S\u00ef"), // ext2, 3 and 4 alike
            new Magic("xfs", 0, "XFSB"),
            new Magic("btrfs", 65536 + 64, "_BHRfS_M"),
            new Magic("LVM", 512, "LABELONE"),
            new Magic("LUKS", 0, "LUKS\u00ba\u00be"),
            new Magic("swap", 4096 - 10, "SWAPSPACE2"),
            new Magic("ntfs", 3, "NTFS    "),
            new Magic("vfat", 82, "FAT32   "),
            new Magic("vfat", 54, "FAT16   "),
            new Magic("vfat", 54, "FAT12   "),
            new Magic("reiserfs", 65536 + 52, "ReIsEr"),
            new Magic("ufs", 65536 + 1372, "\u0019\u0001T\u0019"));
    private static final int MAGIC_REACH = 65536 + 2048;

    private ImageInspector() {}

    /** Looks for something to boot, partitions and file systems. */
    public static ImageReport inspect(Path image, ImageFormat format) throws IOException {
        try (DiskReader disk = DiskReader.open(image, format)) {
            ByteBuffer first = disk.read(0, SECTOR);
            boolean signed = Short.toUnsignedInt(first.getShort(510)) == 0xaa55;
            List<Partition> partitions = new ArrayList<>();
            boolean boots = signed && hasBootCode(first);
            if (signed && isGpt(first)) {
                boots |= readGpt(disk, partitions);
            } else if (signed) {
                boots |= readMbr(disk, first, partitions);
            }
            if (partitions.isEmpty()) {
                Optional<String> whole = fileSystem(disk, 0);
                whole.ifPresent(name -> partitions.add(new Partition(0, 0, disk.size(), whole)));
            }
            return new ImageReport(boots, partitions);
        }
    }

    private static boolean hasBootCode(ByteBuffer first) {
        for (int i = 0; i < BOOT_CODE; i++) {
            if (first.get(i) != 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isGpt(ByteBuffer first) {
        for (int entry = 0; entry < 4; entry++) {
            if (Byte.toUnsignedInt(first.get(446 + 16 * entry + 4)) == GPT_PROTECTIVE) {
                return true;
            }
        }
        return false;
    }

    /** Whether the firmware of POWER would find a loader there. */
    private static boolean hasProgram(DiskReader disk, long offset) throws IOException {
        return disk.read(offset, Integer.BYTES).getInt(0) == ELF;
    }

    /** Tells whether it has a partition to start from. */
    private static boolean readGpt(DiskReader disk, List<Partition> partitions) throws IOException {
        ByteBuffer header = disk.read(SECTOR, SECTOR);
        int count = Math.min(256, Math.max(0, header.getInt(80)));
        int size = header.getInt(84);
        if (header.getLong(0) != 0x5452415020494645L || size < 128 || size > 4096) { // "EFI PART"
            return false;
        }
        ByteBuffer entries = disk.read(header.getLong(72) * SECTOR, count * size);
        boolean boots = false;
        for (int i = 0; i < count; i++) {
            int at = i * size;
            long low = entries.getLong(at);
            long high = entries.getLong(at + 8);
            if (low != 0 || high != 0) {
                long from = entries.getLong(at + 32) * SECTOR;
                long to = (entries.getLong(at + 40) + 1) * SECTOR;
                boolean system = low == EFI_SYSTEM_LOW && high == EFI_SYSTEM_HIGH;
                Optional<String> fileSystem = fileSystem(disk, from);
                boolean prep = low == PREP_LOW && high == PREP_HIGH;
                boots |= (system && fileSystem.isPresent()) || (prep && hasProgram(disk, from));
                partitions.add(new Partition(i + 1, from, to - from, fileSystem));
            }
        }
        return boots;
    }

    /** Tells whether it has a partition to start from. */
    private static boolean readMbr(DiskReader disk, ByteBuffer first, List<Partition> partitions) throws IOException {
        boolean boots = false;
        for (int i = 0; i < 4; i++) {
            int at = 446 + 16 * i;
            int type = Byte.toUnsignedInt(first.get(at + 4));
            long from = Integer.toUnsignedLong(first.getInt(at + 8)) * SECTOR;
            long size = Integer.toUnsignedLong(first.getInt(at + 12)) * SECTOR;
            if (type == 0x05 || type == 0x0f || type == 0x85) {
                readLogical(disk, from, partitions);
            } else if (type != 0 && size > 0) {
                partitions.add(new Partition(i + 1, from, size, fileSystem(disk, from)));
                boots |= type == PREP && hasProgram(disk, from);
            }
        }
        return boots;
    }

    private static void readLogical(DiskReader disk, long extended, List<Partition> partitions) throws IOException {
        long table = extended;
        for (int number = 5; number < 5 + MOST_LOGICAL; number++) {
            ByteBuffer sector = disk.read(table, SECTOR);
            long from = table + Integer.toUnsignedLong(sector.getInt(446 + 8)) * SECTOR;
            long size = Integer.toUnsignedLong(sector.getInt(446 + 12)) * SECTOR;
            if (Short.toUnsignedInt(sector.getShort(510)) != 0xaa55 || size == 0) {
                return;
            }
            partitions.add(new Partition(number, from, size, fileSystem(disk, from)));
            long next = Integer.toUnsignedLong(sector.getInt(446 + 16 + 8)) * SECTOR;
            if (next == 0) {
                return;
            }
            table = extended + next;
        }
    }

    private static Optional<String> fileSystem(DiskReader disk, long offset) throws IOException {
        ByteBuffer start = disk.read(offset, MAGIC_REACH);
        return MAGICS.stream()
                .filter(magic -> magic.matches(start))
                .map(Magic::fileSystem)
                .findFirst();
    }
}
