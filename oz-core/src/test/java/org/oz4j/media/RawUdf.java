package org.oz4j.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A UDF image, byte by byte, so that it can be wrong in any way. Its blocks are counted from the partition's start. */
final class RawUdf {
    static final int SECTOR = 2048;
    static final int PARTITION = 257;
    static final int ROOT = 1;
    static final int FOLDER = 4;
    static final int FILE = 5;
    static final int LINK = 12;
    static final int SHORT = 0;
    static final int LONG = 1;
    static final int INSIDE = 3;

    private static final int SEQUENCE = 32;

    private final byte[] bytes;

    /** An empty volume: descriptors of it, and of its file set in block 0, whose root is in block 1. */
    RawUdf(int blocks) {
        bytes = new byte[(PARTITION + blocks) * SECTOR];
        recognition(16);
        descriptor(256, 256, 2, anchor -> anchor.putInt(16, 16 * SECTOR)
                .putInt(20, SEQUENCE)
                .putInt(24, 16 * SECTOR)
                .putInt(28, SEQUENCE + 16));
        for (int first : new int[] {SEQUENCE, SEQUENCE + 16}) {
            partition(first, 0, PARTITION, blocks);
            volume(first + 1, 0, map -> map.put(0, (byte) 1).put(1, (byte) 6));
            descriptor(first + 2, first + 2, 8, end -> {});
        }
        block(0, 256, set -> address(set, 400, SECTOR, ROOT, 0));
    }

    /** The volume recognition sequence, beginning at a sector. */
    private void recognition(int first) {
        String[] names = {"BEA01", "NSR02", "TEA01"};
        for (int i = 0; i < names.length; i++) {
            System.arraycopy(RawIso.latin(names[i]), 0, bytes, (first + i) * SECTOR + 1, 5);
        }
    }

    RawUdf partition(int sector, int number, int start, int blocks) {
        return descriptor(sector, sector, 5, partition -> partition
                .putShort(22, (short) number)
                .putInt(188, start)
                .putInt(192, blocks));
    }

    /**
     * The descriptor of the logical volume.
     *
     * @param set the number of the map by which the file set is in block 0
     * @param maps of partitions, of up to 64 bytes; their second byte is their length
     */
    @SafeVarargs
    final RawUdf volume(int sector, int set, Consumer<ByteBuffer>... maps) {
        return descriptor(sector, sector, 6, volume -> {
            byte[] label = name("WINDOWS");
            volume.put(84, label).put(84 + 127, (byte) label.length).putInt(212, SECTOR);
            address(volume, 248, SECTOR, 0, set);
            int at = 440;
            for (Consumer<ByteBuffer> map : maps) {
                ByteBuffer one = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
                map.accept(one);
                volume.put(at, one.array(), 0, one.get(1));
                at += one.get(1);
            }
            volume.putInt(264, at - 440).putInt(268, maps.length);
        });
    }

    /** Puts the ISO 9660 side of another image before it, as media of Windows have. */
    RawUdf bridge(RawIso iso) {
        byte[] other = iso.bytes();
        System.arraycopy(other, 0, bytes, 0, Math.min(other.length, SEQUENCE * SECTOR));
        int end = 16;
        while (bytes[end * SECTOR + 1] == 'C') {
            end++;
        }
        recognition(end);
        return this;
    }

    RawUdf descriptor(int sector, int location, int tag, Consumer<ByteBuffer> body) {
        ByteBuffer one = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        body.accept(one);
        one.putShort(0, (short) tag).putShort(2, (short) 2).putInt(12, location).putShort(10, (short) (SECTOR - 16));
        System.arraycopy(one.array(), 0, bytes, sector * SECTOR, SECTOR);
        seal(bytes, sector);
        return this;
    }

    /** Makes the sums of a descriptor right. */
    static void seal(byte[] image, int sector) {
        ByteBuffer one = ByteBuffer.wrap(image, sector * SECTOR, SECTOR).slice().order(ByteOrder.LITTLE_ENDIAN);
        one.putShort(8, (short) crc(one, Short.toUnsignedInt(one.getShort(10))));
        int sum = 0;
        for (int i = 0; i < 16; i++) {
            sum += i == 4 ? 0 : one.get(i);
        }
        one.put(4, (byte) sum);
    }

    RawUdf block(int block, int tag, Consumer<ByteBuffer> body) {
        return descriptor(PARTITION + block, block, tag, body);
    }

    private static int crc(ByteBuffer block, int length) {
        int crc = 0;
        for (int i = 16; i < Math.min(SECTOR, 16 + length); i++) {
            crc ^= (block.get(i) & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc << 1 ^ ((crc & 0x8000) == 0 ? 0 : 0x11021);
            }
        }
        return crc;
    }

    private static void address(ByteBuffer block, int at, int bytes, int place, int partition) {
        block.putInt(at, bytes).putInt(at + 4, place).putShort(at + 8, (short) partition);
    }

    /** An entry of a file; what follows its head is its content, or tells where that is. */
    RawUdf entry(int block, int type, long size, int kind, byte[]... parts) {
        byte[] all = RawIso.concat(parts);
        return block(block, 261, entry -> entry.putShort(20, (short) 4)
                .put(27, (byte) type)
                .putShort(34, (short) kind)
                .putLong(56, size)
                .putInt(172, all.length)
                .put(176, all));
    }

    /** An extended entry of a file. */
    RawUdf extendedEntry(int block, int type, long size, int kind, byte[]... parts) {
        byte[] all = RawIso.concat(parts);
        return block(block, 266, entry -> entry.putShort(20, (short) 4)
                .put(27, (byte) type)
                .putShort(34, (short) kind)
                .putLong(56, size)
                .putInt(212, all.length)
                .put(216, all));
    }

    /** A folder whose records are in its entry. */
    RawUdf folder(int block, byte[]... records) {
        byte[] parent = RawIso.concat(record("", block, 8 | 2));
        byte[] all = RawIso.concat(parent, RawIso.concat(records));
        return entry(block, FOLDER, all.length, INSIDE, all);
    }

    static byte[] record(String name, int block, int flags) {
        return record(name.isEmpty() ? new byte[0] : name(name), block, flags);
    }

    private static byte[] record(byte[] name, int block, int flags) {
        ByteBuffer record = ByteBuffer.allocate((38 + name.length + 3) / 4 * 4).order(ByteOrder.LITTLE_ENDIAN);
        record.putShort(0, (short) 257).put(18, (byte) flags).put(19, (byte) name.length);
        address(record, 20, SECTOR, block, 0);
        return record.put(38, name).array();
    }

    /** A name of one byte for each character where it can be. */
    static byte[] name(String name) {
        boolean narrow = name.chars().allMatch(c -> c < 256);
        return RawIso.concat(
                new byte[] {(byte) (narrow ? 8 : 16)},
                name.getBytes(narrow ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_16BE));
    }

    /** A short allocation descriptor; its type 0 is what was written, 1 and 2 what was not, 3 goes on elsewhere. */
    static byte[] extent(int type, int bytes, int block) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type << 30 | bytes)
                .putInt(block)
                .array();
    }

    /** A long allocation descriptor. */
    static byte[] wideExtent(int bytes, int block, int partition) {
        ByteBuffer extent = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        address(extent, 0, bytes, block, partition);
        return extent.array();
    }

    /** A component of a link's target: 5 is a name, 3 the parent, 2 the root. */
    static byte[] component(int kind, String name) {
        byte[] text = name.isEmpty() ? new byte[0] : name(name);
        return RawIso.concat(new byte[] {(byte) kind, (byte) text.length, 0, 0}, text);
    }

    /** A list of extents that goes on here. */
    RawUdf extents(int block, byte[]... extents) {
        byte[] all = RawIso.concat(extents);
        return block(block, 258, list -> list.putInt(20, all.length).put(24, all));
    }

    RawUdf put(int block, byte[] content) {
        System.arraycopy(content, 0, bytes, (PARTITION + block) * SECTOR, content.length);
        return this;
    }

    Path write(Path file) throws IOException {
        return Files.write(file, bytes);
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
