package org.oz4j.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

import org.oz4j.Firmware;
import org.oz4j.ImageFormat;

/** A disk image as the guest writes it: raw, or qcow2 without a backing file's data, compression or encryption. */
@SuppressWarnings("ByteBufferBackingArray") // all of them are allocated in little()
record FakeImage(Path path, ImageFormat format) {
    private static final int SECTOR = 512;
    private static final long FIRST_PARTITION = 2048;
    private static final long ESP_SECTORS = 2048;
    private static final int QCOW2_MAGIC = 0x514649fb;
    private static final long ALLOCATED_ONCE = 1L << 63;
    private static final long OFFSET_MASK = 0x00fffffffffffe00L;

    /** The disk's size as the guest sees it, in bytes. */
    long virtualSize() throws IOException {
        try (FileChannel file = FileChannel.open(path)) {
            return format == ImageFormat.RAW ? file.size() : read(file, 24, 8).getLong();
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

    private static void writeQcow2(FileChannel file, long offset, byte[] bytes) throws IOException {
        if (read(file, 0, 4).getInt() != QCOW2_MAGIC) {
            throw new IOException("The guest's disk is no qcow2 image");
        }
        int clusterBits = read(file, 20, 4).getInt();
        long cluster = 1L << clusterBits;
        int done = 0;
        while (done < bytes.length) {
            long at = offset + done;
            long within = at & (cluster - 1);
            int piece = (int) Math.min(bytes.length - done, cluster - within);
            long l1 = read(file, 40, 8).getLong() + 8 * (at >> (2 * clusterBits - 3));
            long l2 = clusterOf(file, l1, cluster) + 8 * ((at >> clusterBits) & (cluster / 8 - 1));
            write(file, clusterOf(file, l2, cluster) + within, ByteBuffer.wrap(bytes, done, piece));
            done += piece;
        }
    }

    /** The cluster that an entry of a table points to; a new one, of zeros, where it points to none. */
    private static long clusterOf(FileChannel file, long entryAt, long cluster) throws IOException {
        long entry = read(file, entryAt, 8).getLong();
        if ((entry & OFFSET_MASK) != 0) {
            return entry & OFFSET_MASK;
        }
        long at = (file.size() + cluster - 1) / cluster * cluster;
        write(file, at, ByteBuffer.allocate((int) cluster));
        long counts = refcounts(file, at, cluster);
        write(
                file,
                counts + 2 * (at / cluster % (cluster / 2)),
                ByteBuffer.allocate(2).putShort(0, (short) 1));
        write(file, entryAt, ByteBuffer.allocate(8).putLong(0, at | ALLOCATED_ONCE));
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
