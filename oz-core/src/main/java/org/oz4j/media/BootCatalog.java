package org.oz4j.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.media.BootEntry.Emulation;
import org.oz4j.media.BootEntry.Platform;

import static org.oz4j.media.Iso9660.FIRST_DESCRIPTOR;
import static org.oz4j.media.Iso9660.MOST_DESCRIPTORS;
import static org.oz4j.media.Iso9660.SECTOR;

/**
 * Reads the boot catalogue of an ISO image.
 *
 * <p>Sources: the El Torito bootable CD-ROM format specification 1.0; UEFI Specification 2.10, section 13.3.2.1 (a
 * sector count of 0 or 1 means the image up to its end); Microsoft's FAT specification 1.03 for the size of a FAT.
 */
final class BootCatalog {
    private static final int VIRTUAL_SECTOR = 512;
    private static final int ENTRY = 32;
    private static final int MOST_ENTRIES = 256;
    private static final int[] DISKETTES = {0, 1_228_800, 1_474_560, 2_949_120};

    /** A file that begins at a place of the image. */
    record Place(String path, long bytes) {}

    private final ImageBytes image;
    private final Map<Long, Place> files;
    private final SystemArea systemArea;
    private final List<BootEntry> entries = new ArrayList<>();

    private BootCatalog(ImageBytes image, Map<Long, Place> files, SystemArea systemArea) {
        this.image = image;
        this.files = files;
        this.systemArea = systemArea;
    }

    /**
     * Reads the entries; there are none where the image has no catalogue.
     *
     * @param files by where they begin
     */
    static List<BootEntry> read(ImageBytes image, Map<Long, Place> files, SystemArea systemArea) throws IOException {
        for (int i = FIRST_DESCRIPTOR; i < FIRST_DESCRIPTOR + MOST_DESCRIPTORS; i++) {
            if ((i + 1L) * SECTOR > image.size()) {
                break;
            }
            ByteBuffer descriptor = image.read((long) i * SECTOR, SECTOR);
            int type = Byte.toUnsignedInt(descriptor.get(0));
            if (type == 255 || !ImageBytes.latin(descriptor, 1, 5).equals("CD001")) {
                break;
            }
            if (type == 0 && ImageBytes.latin(descriptor, 7, 23).equals("EL TORITO SPECIFICATION")) {
                BootCatalog catalog = new BootCatalog(image, files, systemArea);
                catalog.entries(Integer.toUnsignedLong(descriptor.getInt(0x47)) * SECTOR);
                return List.copyOf(catalog.entries);
            }
        }
        return List.of();
    }

    private void entries(long catalog) throws IOException {
        int length = (int) Math.min(MOST_ENTRIES * ENTRY, image.size() - catalog);
        if (length < 2 * ENTRY) {
            throw image.bad("its boot catalogue lies outside of it");
        }
        ByteBuffer table = image.read(catalog, length);
        int sum = 0;
        for (int i = 0; i < ENTRY; i += 2) {
            sum += Short.toUnsignedInt(table.getShort(i));
        }
        if (table.get(0) != 1 || Short.toUnsignedInt(table.getShort(30)) != 0xaa55 || (sum & 0xffff) != 0) {
            throw image.bad("its boot catalogue has no valid first entry");
        }
        add(table, ENTRY, platform(table.get(1)));
        int at = 2 * ENTRY;
        boolean more = true;
        while (more && at + ENTRY <= length) {
            int header = Byte.toUnsignedInt(table.get(at));
            if (header != 0x90 && header != 0x91) {
                return;
            }
            more = header == 0x90;
            Platform platform = platform(table.get(at + 1));
            int count = Short.toUnsignedInt(table.getShort(at + 2));
            at += ENTRY;
            for (int i = 0; i < count && at + ENTRY <= length; i++) {
                add(table, at, platform);
                boolean extended = (table.get(at + 1) & 0x20) != 0;
                at += ENTRY;
                while (extended && at + ENTRY <= length && table.get(at) == 0x44) {
                    extended = (table.get(at + 1) & 0x20) != 0;
                    at += ENTRY;
                }
            }
        }
    }

    private static Platform platform(byte id) {
        return switch (Byte.toUnsignedInt(id)) {
            case 0 -> Platform.BIOS;
            case 0xef -> Platform.UEFI;
            default -> Platform.OTHER;
        };
    }

    private void add(ByteBuffer table, int at, Platform platform) throws IOException {
        boolean bootable = Byte.toUnsignedInt(table.get(at)) == 0x88;
        int media = table.get(at + 1) & 0x0f;
        int sectors = Short.toUnsignedInt(table.getShort(at + 6));
        long offset = Integer.toUnsignedLong(table.getInt(at + 8)) * SECTOR;
        if (offset == 0) {
            return; // an empty entry
        }
        if (offset >= image.size()) {
            throw image.bad("its boot catalogue names an image at byte " + offset + ", and it has " + image.size());
        }
        Emulation emulation = media == 0 ? Emulation.NONE : media < 4 ? Emulation.DISKETTE : Emulation.HARD_DISK;
        Optional<Place> place = Optional.ofNullable(files.get(offset));
        long bytes = emulation == Emulation.DISKETTE ? DISKETTES[media] : size(platform, sectors, offset, place);
        entries.add(new BootEntry(
                platform,
                bootable,
                emulation,
                sectors,
                offset,
                Math.min(bytes, image.size() - offset),
                place.map(Place::path)));
    }

    /** The size of a boot image that its catalogue does not tell, or tells only the beginning of. */
    private long size(Platform platform, int sectors, long offset, Optional<Place> place) throws IOException {
        long loaded = (long) sectors * VIRTUAL_SECTOR;
        if (place.isPresent()) {
            return Math.max(loaded, place.get().bytes());
        }
        if (platform != Platform.UEFI) {
            return Math.max(loaded, VIRTUAL_SECTOR);
        }
        long fat = fatSize(offset);
        long partition = systemArea.partitions().stream()
                .filter(candidate -> candidate.offset() == offset)
                .mapToLong(SystemArea.Partition::bytes)
                .max()
                .orElse(0);
        long known = Math.max(Math.max(fat, partition), sectors > 1 ? loaded : 0);
        return known > 0 ? known : image.size() - offset;
    }

    /** The size that a FAT file system tells of itself; 0 where there is none. */
    private long fatSize(long offset) throws IOException {
        if (image.size() - offset < VIRTUAL_SECTOR) {
            return 0;
        }
        ByteBuffer start = image.read(offset, VIRTUAL_SECTOR);
        int sector = Short.toUnsignedInt(start.getShort(11));
        boolean fat = Short.toUnsignedInt(start.getShort(510)) == 0xaa55
                && Integer.bitCount(sector) == 1
                && sector >= VIRTUAL_SECTOR
                && sector <= 4096;
        if (!fat) {
            return 0;
        }
        int small = Short.toUnsignedInt(start.getShort(19));
        return (small != 0 ? small : Integer.toUnsignedLong(start.getInt(32))) * sector;
    }
}
