package org.oz4j.hypervisor.libvirt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Makes PNG images of the pictures that hypervisors give; without AWT, which would cost memory and libraries. */
final class Png {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int MAX_SIDE = 16384;

    private final byte[] ppm;
    private int position;

    private Png(byte[] ppm) {
        this.ppm = ppm;
    }

    /**
     * The picture as PNG.
     *
     * @param picture a PNG image, or a binary PPM image of 8 bits a channel
     * @throws IOException where it is neither, or cut off
     */
    static byte[] of(byte[] picture) throws IOException {
        if (picture.length > SIGNATURE.length
                && Arrays.equals(picture, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
            return picture;
        }
        return new Png(picture).convert();
    }

    private byte[] convert() throws IOException {
        if (ppm.length < 2 || ppm[0] != 'P' || ppm[1] != '6') {
            throw new IOException("the picture is neither PNG nor binary PPM");
        }
        position = 2;
        int width = number();
        int height = number();
        int depth = number();
        position++; // the one blank before the pixels
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE || depth != 255) {
            throw new IOException("a PPM picture of " + width + "x" + height + " and depth " + depth);
        }
        int row = width * 3;
        if (ppm.length - position < (long) row * height) {
            throw new IOException("the PPM picture is cut off after " + ppm.length + " bytes");
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(SIGNATURE);
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        header.put(
                new byte[] {8, 2, 0, 0, 0}); // 8 bits a channel, RGB, the usual compression and filters, no interlace
        chunk(png, "IHDR", header.array());
        chunk(png, "IDAT", pixels(row, height));
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    private byte[] pixels(int row, int height) throws IOException {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
            for (int y = 0; y < height; y++) {
                out.write(0); // no filter
                out.write(ppm, position + y * row, row);
            }
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        png.writeBytes(name);
        png.writeBytes(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** The next number of the header, past blanks and comments. */
    private int number() throws IOException {
        while (position < ppm.length && (ppm[position] == '#' || Character.isWhitespace(ppm[position]))) {
            if (ppm[position] == '#') {
                while (position < ppm.length && ppm[position] != '\n') {
                    position++;
                }
            } else {
                position++;
            }
        }
        int value = 0;
        int start = position;
        while (position < ppm.length && ppm[position] >= '0' && ppm[position] <= '9' && value <= MAX_SIDE) {
            value = value * 10 + ppm[position++] - '0';
        }
        if (position == start) {
            throw new IOException("the PPM picture has a broken header");
        }
        return value;
    }
}
