package org.oz4j.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ISO 9660 image, byte by byte, so that it can be wrong in any way. */
final class RawIso {
    static final int SECTOR = 2048;
    static final int ROOT = 20;

    private final byte[] bytes;

    RawIso(int sectors) {
        bytes = new byte[sectors * SECTOR];
        at(16).put((byte) 1).put(latin("CD001"));
        at(16).position(16 * SECTOR + 40).put(latin("RAW"));
        at(16).putShort(16 * SECTOR + 128, (short) SECTOR);
        root(16, ROOT, SECTOR);
        at(17).put((byte) 255).put(latin("CD001"));
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private ByteBuffer at(int sector) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(sector * SECTOR);
    }

    /** Where a volume descriptor says that the root folder is. */
    RawIso root(int descriptor, int sector, int size) {
        at(descriptor).putInt(descriptor * SECTOR + 158, sector).putInt(descriptor * SECTOR + 166, size);
        return this;
    }

    /** A Joliet descriptor in place of the terminator. */
    RawIso joliet(int rootSector) {
        at(18).put((byte) 255).put(latin("CD001"));
        at(17).put((byte) 2).put(latin("CD001"));
        at(17).position(17 * SECTOR + 88).put(latin("%/E"));
        return root(17, rootSector, SECTOR);
    }

    /** A boot record in place of the terminator. */
    RawIso boot(int catalogSector) {
        at(18).put((byte) 255).put(latin("CD001"));
        at(17).put((byte) 0).put(latin("CD001")).put((byte) 1).put(latin("EL TORITO SPECIFICATION"));
        at(17).putInt(17 * SECTOR + 0x47, catalogSector);
        return this;
    }

    RawIso put(int sector, byte[]... parts) {
        ByteBuffer place = at(sector);
        for (byte[] part : parts) {
            place.put(part);
        }
        return this;
    }

    /** A folder's records, after those of itself and its parent. */
    RawIso folder(int sector, byte[]... records) {
        ByteBuffer place = at(sector);
        place.put(record(new byte[] {0}, sector, SECTOR, 2, new byte[0]));
        place.put(record(new byte[] {1}, sector, SECTOR, 2, new byte[0]));
        for (byte[] record : records) {
            place.put(record);
        }
        return this;
    }

    /** A folder whose own record says that names follow Rock Ridge. */
    RawIso rockRidgeRoot(byte[]... records) {
        ByteBuffer place = at(ROOT);
        byte[] sharing = {'S', 'P', 7, 1, (byte) 0xbe, (byte) 0xef, 0};
        place.put(record(new byte[] {0}, ROOT, SECTOR, 2, sharing));
        place.put(record(new byte[] {1}, ROOT, SECTOR, 2, new byte[0]));
        for (byte[] record : records) {
            place.put(record);
        }
        return this;
    }

    static byte[] record(String name, int sector, int size, int flags, byte[]... use) {
        return record(latin(name), sector, size, flags, use);
    }

    static byte[] record(byte[] name, int sector, int size, int flags, byte[]... use) {
        byte[] all = concat(use);
        int named = 33 + name.length + (name.length % 2 == 0 ? 1 : 0);
        int length = named + all.length + all.length % 2;
        ByteBuffer record = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        record.put(0, (byte) length).putInt(2, sector).putInt(10, size).put(25, (byte) flags);
        record.put(32, (byte) name.length).put(33, name).put(named, all);
        return record.array();
    }

    static byte[] use(String signature, byte[]... content) {
        byte[] all = concat(content);
        return concat(latin(signature), new byte[] {(byte) (4 + all.length), 1}, all);
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .order(ByteOrder.BIG_ENDIAN)
                .putInt(value)
                .array();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    Path write(Path file) throws IOException {
        return Files.write(file, bytes);
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
