package org.oz4j.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.zip.CRC32;

import org.oz4j.DiskException;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.disk.DiskImages;

/** A disk image as the guest writes it: raw, or qcow2 without compression or encryption; made without any program. */
@SuppressWarnings("ByteBufferBackingArray") // all of them are allocated in little()
record FakeImage(Path path, ImageFormat format) {
    private static final int SECTOR = 512;
    private static final long FIRST_PARTITION = 2048;
    private static final long ESP_SECTORS = 2048;
    private static final int QCOW2_MAGIC = 0x514649fb;
    private static final int BACKING_FORMAT = 0xe2792aca; // a header extension
    private static final int HEADER = 104;
    private static final long ALLOCATED_ONCE = 1L << 63;
    private static final long OFFSET_MASK = 0x00fffffffffffe00L;

    /** The same as {@link DiskImages#createOverlay}, which is called for images of the other formats. */
    static void createOverlay(Path overlay, Path image, ImageFormat format) throws InterruptedException {
        if (!isKnown(format)) {
            DiskImages.createOverlay(overlay, image, format);
            return;
        }
        try {
            FakeImage below = new FakeImage(image.toAbsolutePath(), format);
            long sectors = (below.virtualSize() + SECTOR - 1) / SECTOR;
            DiskImages.create(overlay, ImageFormat.QCOW2, sectors * SECTOR, "rw-------");
            byte[] name = below.path.toString().getBytes(StandardCharsets.UTF_8);
            byte[] label = format.label().getBytes(StandardCharsets.US_ASCII);
            ByteBuffer extensions = ByteBuffer.allocate(24 + name.length);
            extensions.putInt(BACKING_FORMAT).putInt(label.length).put(label);
            extensions.position(24).put(name); // after the end of the extensions, which is a type of 0
            try (FileChannel file = FileChannel.open(overlay, StandardOpenOption.WRITE)) {
                write(file, HEADER, extensions.rewind());
                write(file, 8, ByteBuffer.allocate(8).putLong(0, HEADER + 24));
                write(file, 16, ByteBuffer.allocate(4).putInt(0, name.length));
            }
        } catch (IOException e) {
            throw new DiskException(overlay, "An overlay of " + image + " can't be made: " + e.getMessage(), null, e);
        }
    }

    /** The same as {@link DiskImages#convert}, which is called where a format is converted to another. */
    static void convert(Path from, ImageFormat fromFormat, Path to, ImageFormat toFormat, String mode)
            throws InterruptedException {
        try {
            Deque<FakeImage> overlays = new ArrayDeque<>();
            FakeImage lowest = new FakeImage(from, fromFormat);
            for (Optional<FakeImage> below = lowest.below(); below.isPresent(); below = lowest.below()) {
                overlays.push(lowest);
                lowest = below.get();
            }
            if (!isKnown(toFormat) || lowest.format != toFormat) {
                DiskImages.convert(from, fromFormat, to, toFormat, mode);
                return;
            }
            DiskImages.copy(lowest.path, to);
            Files.setPosixFilePermissions(to, PosixFilePermissions.fromString(mode));
            for (FakeImage overlay : overlays) {
                overlay.writeInto(new FakeImage(to, toFormat));
            }
        } catch (IOException e) {
            throw new DiskException(to, "The image " + from + " can't be converted: " + e.getMessage(), null, e);
        }
    }

    private static boolean isKnown(ImageFormat format) {
        return format == ImageFormat.RAW || format == ImageFormat.QCOW2;
    }

    /** The disk's size as the guest sees it, in bytes. */
    long virtualSize() throws IOException {
        try (FileChannel file = FileChannel.open(path)) {
            if (format == ImageFormat.RAW) {
                return file.size();
            }
            checkQcow2(file);
            return read(file, 24, 8).getLong();
        }
    }

    private void checkQcow2(FileChannel file) throws IOException {
        if (file.size() < HEADER || read(file, 0, 4).getInt() != QCOW2_MAGIC) {
            throw new IOException(path + " is no qcow2 image");
        }
    }

    /** The image that this one reads from where nothing was written. */
    private Optional<FakeImage> below() throws IOException {
        if (format == ImageFormat.RAW) {
            return Optional.empty();
        }
        try (FileChannel file = FileChannel.open(path)) {
            checkQcow2(file);
            long at = read(file, 8, 8).getLong();
            if (at == 0) {
                return Optional.empty();
            }
            byte[] name = read(file, at, read(file, 16, 4).getInt()).array();
            Path below = path.resolveSibling(new String(name, StandardCharsets.UTF_8));
            return Optional.of(new FakeImage(below, DiskImages.formatOf(below)));
        }
    }

    /** Writes all clusters that were written to this one. */
    private void writeInto(FakeImage other) throws IOException {
        long size = virtualSize();
        try (FileChannel file = FileChannel.open(path)) {
            long cluster = 1L << read(file, 20, 4).getInt();
            for (long at = 0; at < size; at += cluster) {
                if (at % (cluster * cluster / 8) == 0 && table(file, at) == 0) {
                    at += cluster * cluster / 8 - cluster; // none of those that its table would have
                    continue;
                }
                long place = data(file, at);
                if (place != 0) {
                    other.write(
                            at,
                            read(file, place, (int) Math.min(cluster, size - at))
                                    .array());
                }
            }
        }
    }

    void write(long offset, byte[] bytes) throws IOException {
        if (offset < 0 || offset + bytes.length > virtualSize()) {
            throw new IOException("The guest writes past the end of its disk " + path);
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (format == ImageFormat.RAW) {
                write(file, offset, ByteBuffer.wrap(bytes));
            } else {
                writeQcow2(file, offset, bytes);
            }
        }
    }

    /** Writes boot code, a partition table and the beginning of an ext4 file system. */
    void install(Firmware firmware) throws IOException {
        long sectors = virtualSize() / SECTOR;
        if (sectors < FIRST_PARTITION + 2 * ESP_SECTORS) {
            throw new IOException("The disk " + path + " has only " + sectors + " sectors, too few for a system");
        }
        boolean uefi = firmware == Firmware.UEFI;
        long root = uefi ? FIRST_PARTITION + ESP_SECTORS : FIRST_PARTITION;
        long last = uefi ? sectors - 34 : sectors - 1;
        write(0, uefi ? protectiveMbr(sectors) : mbr(root, last));
        if (uefi) {
            installGpt(sectors, root, last);
            write(FIRST_PARTITION * SECTOR, fatBootSector());
        }
        write(root * SECTOR + 1024, ext4Superblock((last - root + 1) * SECTOR));
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] mbr(long first, long last) {
        ByteBuffer sector = little(SECTOR);
        sector.put(new byte[] {(byte) 0xeb, 0x63, (byte) 0x90});
        sector.position(0x180).put("GRUB \0Geom\0Hard Disk\0Read\0 Error\r\n".getBytes(StandardCharsets.US_ASCII));
        return withPartition(sector, (byte) 0x80, (byte) 0x83, first, last);
    }

    private static byte[] protectiveMbr(long sectors) {
        return withPartition(little(SECTOR), (byte) 0, (byte) 0xee, 1, Math.min(sectors - 1, 0xffffffffL));
    }

    private static byte[] withPartition(ByteBuffer sector, byte active, byte type, long first, long last) {
        sector.position(446).put(active).put(new byte[] {0, 2, 0}).put(type).put(new byte[] {-1, -1, -1});
        sector.putInt((int) first).putInt((int) (last - first + 1));
        sector.position(510).put((byte) 0x55).put((byte) 0xaa);
        return sector.array();
    }

    private void installGpt(long sectors, long root, long last) throws IOException {
        ByteBuffer entries = little(128 * 128);
        entry(entries, 0xC12A7328L, 0xF81F, 0x11D2, 0xBA4B00A0C93EC93BL, FIRST_PARTITION, root - 1);
        entry(entries, 0x0FC63DAFL, 0x8483, 0x4772, 0x8E793D69D8477DE4L, root, last);
        write(2L * SECTOR, entries.array());
        write((sectors - 33) * SECTOR, entries.array());
        write(SECTOR, gptHeader(1, sectors - 1, 2, sectors, entries.array()));
        write((sectors - 1) * SECTOR, gptHeader(sectors - 1, 1, sectors - 33, sectors, entries.array()));
    }

    /** Appends an entry; the first three fields of a GUID are little endian on disk, the rest is big endian. */
    private static void entry(ByteBuffer entries, long time, int middle, int high, long rest, long first, long last) {
        int start = entries.position();
        entries.putInt((int) time).putShort((short) middle).putShort((short) high);
        entries.putLong(Long.reverseBytes(rest));
        entries.putLong(0x1122334455667788L).putLong(start + 1L);
        entries.putLong(first).putLong(last);
        entries.position(start + 128);
    }

    private static byte[] gptHeader(long own, long other, long table, long sectors, byte[] entries) {
        ByteBuffer header = little(SECTOR);
        header.put("EFI PART".getBytes(StandardCharsets.US_ASCII))
                .putInt(0x10000)
                .putInt(92);
        header.putInt(0).putInt(0).putLong(own).putLong(other).putLong(34).putLong(sectors - 34);
        header.putLong(0x0102030405060708L).putLong(0x1112131415161718L);
        header.putLong(table).putInt(128).putInt(128).putInt(crc(entries, entries.length));
        header.putInt(16, crc(header.array(), 92));
        return header.array();
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static byte[] fatBootSector() {
        ByteBuffer sector = little(SECTOR);
        sector.put(new byte[] {(byte) 0xeb, 0x3c, (byte) 0x90}).put("mkfs.fat".getBytes(StandardCharsets.US_ASCII));
        sector.position(54).put("FAT16   ".getBytes(StandardCharsets.US_ASCII));
        sector.position(510).put((byte) 0x55).put((byte) 0xaa);
        return sector.array();
    }

    private static byte[] ext4Superblock(long size) {
        ByteBuffer block = little(1024);
        int blocks = (int) (size / 4096);
        block.putInt(0, 8192).putInt(4, blocks).putInt(12, blocks / 2).putInt(16, 8000);
        block.putInt(24, 2).putInt(28, 2).putInt(32, 32768).putInt(36, 32768).putInt(40, 8192);
        block.putShort(56, (short) 0xef53).putShort(58, (short) 1).putInt(76, 1).putShort(88, (short) 256);
        block.putInt(92, 0x4).putInt(96, 0x40);
        return block.array();
    }

    private void writeQcow2(FileChannel file, long offset, byte[] bytes) throws IOException {
        checkQcow2(file);
        int cluster = 1 << read(file, 20, 4).getInt();
        int done = 0;
        while (done < bytes.length) {
            long at = offset + done;
            int within = (int) (at & (cluster - 1));
            int piece = Math.min(bytes.length - done, cluster - within);
            long place = data(file, at);
            if (place == 0) {
                if (table(file, at) == 0) {
                    point(file, tableEntry(file, at), append(file, new byte[cluster]));
                }
                place = append(file, readBelow(at - within, cluster));
                point(file, dataEntry(file, at), place);
            }
            write(file, place + within, ByteBuffer.wrap(bytes, done, piece));
            done += piece;
        }
    }

    /** What the disk has where nothing was written to this image. */
    private byte[] readBelow(long at, int length) throws IOException {
        Optional<FakeImage> below = below();
        return below.isPresent() ? below.get().read(at, length) : new byte[length];
    }

    /** What the disk has; zeros after its end. */
    private byte[] read(long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel file = FileChannel.open(path)) {
            if (format == ImageFormat.RAW) {
                while (bytes.hasRemaining() && file.read(bytes, at + bytes.position()) > 0) {}
                return bytes.array();
            }
            checkQcow2(file);
            int cluster = 1 << read(file, 20, 4).getInt();
            while (bytes.hasRemaining()) {
                long next = at + bytes.position();
                int within = (int) (next & (cluster - 1));
                int piece = Math.min(bytes.remaining(), cluster - within);
                long place = next < virtualSize() ? data(file, next) : 0;
                bytes.put(
                        place == 0
                                ? readBelow(next, piece)
                                : read(file, place + within, piece).array());
            }
            return bytes.array();
        }
    }

    /** Where the entry of the level 1 table is for that byte of the disk. */
    private static long tableEntry(FileChannel file, long at) throws IOException {
        return read(file, 40, 8).getLong() + 8 * (at >> (2 * read(file, 20, 4).getInt() - 3));
    }

    /** Where the level 2 table is; 0 where there is none. */
    private static long table(FileChannel file, long at) throws IOException {
        return read(file, tableEntry(file, at), 8).getLong() & OFFSET_MASK;
    }

    /** Where the entry of the level 2 table is, which is there. */
    private static long dataEntry(FileChannel file, long at) throws IOException {
        int clusterBits = read(file, 20, 4).getInt();
        return table(file, at) + 8 * ((at >> clusterBits) & ((1L << (clusterBits - 3)) - 1));
    }

    /** Where the cluster is; 0 where it was never written to this image. */
    private static long data(FileChannel file, long at) throws IOException {
        return table(file, at) == 0 ? 0 : read(file, dataEntry(file, at), 8).getLong() & OFFSET_MASK;
    }

    private static void point(FileChannel file, long entry, long cluster) throws IOException {
        write(file, entry, ByteBuffer.allocate(8).putLong(0, cluster | ALLOCATED_ONCE));
    }

    /** Writes a new cluster, counted as used once; where it is. */
    private static long append(FileChannel file, byte[] content) throws IOException {
        int cluster = content.length;
        long at = (file.size() + cluster - 1) / cluster * cluster;
        write(file, at, ByteBuffer.wrap(content));
        long counts = refcounts(file, at, cluster);
        write(
                file,
                counts + 2 * (at / cluster % (cluster / 2)),
                ByteBuffer.allocate(2).putShort(0, (short) 1));
        return at;
    }

    /** The block with the 16-bit reference count of that cluster; QEMU makes the first when it makes the image. */
    private static long refcounts(FileChannel file, long clusterAt, long cluster) throws IOException {
        long table = read(file, 48, 8).getLong();
        long block =
                read(file, table + 8 * (clusterAt / cluster / (cluster / 2)), 8).getLong();
        if (block == 0) {
            throw new IOException("The image is larger than the fake guest can write to");
        }
        return block;
    }

    private static ByteBuffer read(FileChannel file, long at, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, at + bytes.position()) < 0) {
                throw new IOException("The image ends before byte " + (at + size));
            }
        }
        return bytes.flip();
    }

    private static void write(FileChannel file, long at, ByteBuffer bytes) throws IOException {
        long position = at;
        while (bytes.hasRemaining()) {
            position += file.write(bytes, position);
        }
    }
}
