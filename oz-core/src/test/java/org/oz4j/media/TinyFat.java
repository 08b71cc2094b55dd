package org.oz4j.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Makes a small FAT12 file system, for tests on hosts without mkfs.vfat. */
final class TinyFat {
    private static final int SECTOR = 512;
    private static final int SECTORS = 128;

    private TinyFat() {}

    /** One with that file, and {@code other.txt}; a cluster has 512 bytes. */
    static byte[] withFile(String shortName, byte[] content) {
        ByteBuffer image = ByteBuffer.allocate(SECTORS * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        image.putShort(11, (short) SECTOR)
                .put(13, (byte) 1)
                .putShort(14, (short) 1)
                .put(16, (byte) 2);
        image.putShort(17, (short) 16)
                .putShort(19, (short) SECTORS)
                .put(21, (byte) 0xf8)
                .putShort(22, (short) 1);
        image.putShort(510, (short) 0xaa55);
        int clusters = (content.length + SECTOR - 1) / SECTOR;
        for (int fat = 1; fat <= 2; fat++) {
            set(image, fat, 0, 0xff8);
            set(image, fat, 1, 0xfff);
            for (int i = 0; i < clusters; i++) {
                set(image, fat, 2 + i, i + 1 < clusters ? 3 + i : 0xfff);
            }
            set(image, fat, 60, 0xfff);
        }
        entry(image, 0, shortName, 2, content.length);
        entry(image, 1, "OTHER   TXT", 60, 5);
        image.put(4 * SECTOR, content);
        image.put((4 + 58) * SECTOR, "other".getBytes(StandardCharsets.US_ASCII));
        return image.array();
    }

    private static void set(ByteBuffer image, int fat, int cluster, int value) {
        int at = fat * SECTOR + cluster * 3 / 2;
        int pair = Short.toUnsignedInt(image.getShort(at));
        image.putShort(at, (short) (cluster % 2 == 0 ? (pair & 0xf000) | value : (pair & 0xf) | (value << 4)));
    }

    private static void entry(ByteBuffer image, int number, String shortName, int cluster, int size) {
        int at = 3 * SECTOR + number * 32;
        image.put(at, shortName.getBytes(StandardCharsets.US_ASCII)).putShort(at + 26, (short) cluster);
        image.putInt(at + 28, size);
    }
}
