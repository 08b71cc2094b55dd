package org.oz4j.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The first 32 KiB of an ISO image, which make it boot from a USB stick or a disk ("isohybrid").
 *
 * <p>Source: UEFI Specification 2.10, chapter 5 (MBR and GPT).
 *
 * @param mbrBootCode whether it begins with a master boot record that has code for a BIOS
 * @param gpt whether it has a GUID partition table
 * @param partitions those of the GUID partition table; of the master boot record where there is none
 */
public record SystemArea(boolean mbrBootCode, boolean gpt, List<Partition> partitions) {
    private static final int SECTOR = 512;
    private static final int BOOT_CODE = 440;
    private static final int MOST_PARTITIONS = 256;
    private static final long EFI_SYSTEM_LOW = 0x11d2f81fc12a7328L; // C12A7328-F81F-11D2-BA4B-00A0C93EC93B
    private static final long EFI_SYSTEM_HIGH = 0x3bc93ec9a0004bbaL;
    private static final long EFI_PART = 0x5452415020494645L;

    /**
     * A partition that the image has when it is seen as a disk.
     *
     * @param number beginning with 1
     * @param offset where it begins, in bytes
     * @param bytes its size
     * @param efiSystem whether UEFI boots from it
     */
    public record Partition(int number, long offset, long bytes, boolean efiSystem) {}

    /** Copies the list. */
    public SystemArea {
        partitions = List.copyOf(partitions);
    }

    /** Whether UEFI boots the image as a disk. */
    public boolean efiSystemPartition() {
        return partitions.stream().anyMatch(Partition::efiSystem);
    }

    static SystemArea read(ImageBytes image) throws IOException {
        ByteBuffer first = image.read(0, 2 * SECTOR);
        boolean signed = Short.toUnsignedInt(first.getShort(510)) == 0xaa55;
        if (!signed) {
            return new SystemArea(false, false, List.of());
        }
        boolean code = false;
        for (int i = 0; i < BOOT_CODE; i++) {
            code |= first.get(i) != 0;
        }
        boolean gpt = first.getLong(SECTOR) == EFI_PART;
        List<Partition> old = masterBootRecord(first);
        return new SystemArea(code, gpt, gpt ? guidTable(image, first, old) : old);
    }

    private static List<Partition> masterBootRecord(ByteBuffer first) {
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int at = 446 + 16 * i;
            int type = Byte.toUnsignedInt(first.get(at + 4));
            long from = Integer.toUnsignedLong(first.getInt(at + 8)) * SECTOR;
            long size = Integer.toUnsignedLong(first.getInt(at + 12)) * SECTOR;
            if (size > 0) {
                partitions.add(new Partition(i + 1, from, size, type == 0xef));
            }
        }
        return partitions;
    }

    private static List<Partition> guidTable(ImageBytes image, ByteBuffer first, List<Partition> old)
            throws IOException {
        long table = first.getLong(SECTOR + 72);
        int count = Math.min(MOST_PARTITIONS, Math.max(0, first.getInt(SECTOR + 80)));
        int size = first.getInt(SECTOR + 84);
        if (size < 128 || size > 4096 || table < 0 || table > image.size() / SECTOR) {
            throw image.bad("its GUID partition table is broken");
        }
        ByteBuffer entries = image.read(table * SECTOR, count * size);
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = i * size;
            long low = entries.getLong(at);
            long high = entries.getLong(at + 8);
            long from = entries.getLong(at + 32);
            long to = entries.getLong(at + 40);
            if ((low != 0 || high != 0) && from >= 0 && to >= from && to < Long.MAX_VALUE / SECTOR) {
                long offset = from * SECTOR;
                // Debian's images name it a data partition there, and an EFI partition in the master boot record.
                boolean efi = (low == EFI_SYSTEM_LOW && high == EFI_SYSTEM_HIGH)
                        || old.stream().anyMatch(other -> other.efiSystem() && other.offset() == offset);
                partitions.add(new Partition(i + 1, offset, (to - from + 1) * SECTOR, efi));
            }
        }
        return partitions;
    }
}
