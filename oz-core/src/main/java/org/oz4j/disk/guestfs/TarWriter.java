package org.oz4j.disk.guestfs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;

/**
 * Writes archives of one file, link or folder with all its attributes, of which extended ones may be any bytes.
 *
 * <p>Sources: POSIX.1-2017, pax, "pax Interchange Format" and "ustar Interchange Format"; for extended attributes the
 * keyword {@code SCHILY.xattr.} that star and GNU tar have, in which GNU tar writes {@code %25} and {@code %3D} for
 * {@code %} and {@code =}.
 */
final class TarWriter {
    private static final int BLOCK = 512;
    private static final int SUM_AT = 148;
    private static final char FILE = '0';
    private static final char LINK = '2';
    private static final char FOLDER = '5';
    private static final char EXTENDED = 'x';

    private TarWriter() {}

    /** An archive with a file of that name and that content. */
    static void file(OutputStream out, String name, Path content, Attributes attributes, Instant modified)
            throws IOException {
        long size = Files.size(content);
        head(out, FILE, name, size, attributes, modified, new byte[0]);
        if (Files.copy(content, out) != size) {
            throw new IOException(content + " changes while it is read");
        }
        pad(out, size);
        end(out);
    }

    /** An archive with a symbolic link of that name. */
    static void link(OutputStream out, String name, byte[] target, Attributes attributes, Instant modified)
            throws IOException {
        head(out, LINK, name, 0, attributes, modified, target);
        end(out);
    }

    /** An archive with an empty folder of that name. */
    static void folder(OutputStream out, String name, Attributes attributes, Instant modified) throws IOException {
        head(out, FOLDER, name, 0, attributes, modified, new byte[0]);
        end(out);
    }

    private static void head(
            OutputStream out, char type, String name, long size, Attributes attributes, Instant modified, byte[] target)
            throws IOException {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        record(records, "size", Long.toString(size));
        record(records, "uid", Long.toString(attributes.uid()));
        record(records, "gid", Long.toString(attributes.gid()));
        record(records, "mtime", decimal(modified));
        if (type == LINK) {
            record(records, "linkpath", target);
        }
        for (Map.Entry<String, Bytes> attribute : attributes.xattrs().entrySet()) {
            String key = attribute.getKey().replace("%", "%25").replace("=", "%3D");
            record(records, "SCHILY.xattr." + key, attribute.getValue().toArray());
        }
        block(out, EXTENDED, "pax", records.size(), 0600);
        records.writeTo(out);
        pad(out, records.size());
        // The extended header tells the numbers again, which may be too large for the fields of this one.
        block(out, type, name, Math.min(size, 077777777777L), attributes.mode());
    }

    private static String decimal(Instant time) {
        return new BigDecimal(time.getEpochSecond())
                .add(BigDecimal.valueOf(time.getNano(), 9))
                .toPlainString();
    }

    private static void record(ByteArrayOutputStream records, String key, String value) {
        record(records, key, value.getBytes(StandardCharsets.US_ASCII));
    }

    /** A record begins with its own length, which counts the digits of the length too. */
    private static void record(ByteArrayOutputStream records, String key, byte[] value) {
        byte[] start = (" " + key + "=").getBytes(StandardCharsets.UTF_8);
        int rest = start.length + value.length + 1;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        records.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
        records.writeBytes(start);
        records.writeBytes(value);
        records.write('\n');
    }

    private static void block(OutputStream out, char type, String name, long size, int mode) throws IOException {
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, octal(mode, 7));
        put(block, 108, octal(0, 7));
        put(block, 116, octal(0, 7));
        put(block, 124, octal(size, 11));
        put(block, 136, octal(0, 11));
        put(block, SUM_AT, " ".repeat(8)); // which is what its own sum counts as
        block[156] = (byte) type;
        put(block, 257, "ustar\00000");
        int sum = 0;
        for (byte each : block) {
            sum += Byte.toUnsignedInt(each);
        }
        put(block, SUM_AT, octal(sum, 6) + "\0 ");
        out.write(block);
    }

    private static String octal(long number, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "o", number);
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static void pad(OutputStream out, long size) throws IOException {
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    private static void end(OutputStream out) throws IOException {
        out.write(new byte[2 * BLOCK]);
    }
}
