package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.media.VolumeNode.Bytes;
import org.oz4j.media.VolumeNode.Content;
import org.oz4j.media.VolumeNode.HostFile;

import static org.oz4j.media.IsoHierarchy.SECTOR;
import static org.oz4j.media.IsoHierarchy.both;
import static org.oz4j.media.IsoHierarchy.both16;

/**
 * Writes ISO 9660 volumes, as carry answer files and drivers: with Rock Ridge names for Linux, and Joliet names for Windows.
 *
 * <p>A name can have 64 characters, which Joliet sets, and about 160 bytes in UTF-8; characters that Joliet has not are
 * replaced in its names alone. All times are the same, so that the same files make the same volume.
 *
 * <p>Sources: ECMA-119 (ISO 9660); the Joliet specification (Microsoft, 1995).
 */
public final class IsoWriter {
    private static final int FIRST_FREE = 19; // 16 volume descriptor, 17 Joliet's, 18 terminator
    private static final long LARGEST_FILE = 0xffff_ffffL;
    private static final String JOLIET_LEVEL_3 = "%/E";

    /** Where a tree's path tables begin, and how long each of the two is. */
    private record PathTables(long sector, int size) {
        long second() {
            return sector + sectors(size);
        }

        long end() {
            return second() + sectors(size);
        }
    }

    private final URI volume;
    private final FileChannel channel;

    private IsoWriter(URI volume, FileChannel channel) {
        this.volume = volume;
        this.channel = channel;
    }

    /**
     * Writes a volume; only its owner can read it, since answers hold secrets. Where that fails nothing is left of it.
     *
     * @param label the volume identifier, 32 characters at most
     * @param files their content, by their path without a leading slash
     * @throws MediaException of kind {@code BAD_FORMAT} where there can be no such path, or where two want the same
     */
    public static void write(Path target, String label, Map<String, byte[]> files) throws IOException {
        write(target, label, files, Map.of());
    }

    /**
     * Writes a volume with files of this host.
     *
     * @param label the volume identifier, 32 characters at most; Windows shows the first 16
     * @param files their content, by their path without a leading slash
     * @param additions files and folders of this host, by their path on the volume. Symbolic links in a folder become the
     *     files that they lead to; one that leads out of the folder is refused, and so is one to a folder
     * @throws MediaException of kind {@code BAD_FORMAT} where there can be no such path, or where two want the same; {@code
     *     NOT_FOUND} where an addition can't be read, {@code TOO_LARGE} where a file has 4 GiB or more, {@code
     *     SIZE_MISMATCH} where one changes meanwhile
     */
    public static void write(Path target, String label, Map<String, byte[]> files, Map<String, Path> additions)
            throws IOException {
        if (label.isEmpty() || label.length() > 32) {
            throw new IllegalArgumentException("a volume identifier has 1 to 32 characters: '" + label + "'");
        }
        URI volume = target.toUri();
        VolumeNode root = VolumeNode.root(volume, files, additions);
        OwnerFile.create(target, channel -> new IsoWriter(volume, channel).write(label, root));
    }

    private void write(String label, VolumeNode root) throws IOException {
        Map<VolumeNode, Long> files = new LinkedHashMap<>();
        IsoHierarchy plain = new IsoHierarchy(volume, root, files, false);
        IsoHierarchy joliet = new IsoHierarchy(volume, root, files, true);
        PathTables plainTables = new PathTables(FIRST_FREE, plain.pathTableSize());
        PathTables jolietTables = new PathTables(plainTables.end(), joliet.pathTableSize());
        long plainFolders = jolietTables.end();
        long jolietFolders = plain.place(plainFolders);
        long end = placeFiles(root, joliet.place(jolietFolders), files);
        if (end > Integer.MAX_VALUE) {
            throw tooLarge("all files together", (end - Integer.MAX_VALUE) * SECTOR);
        }

        put(16, descriptor(1, label, (int) end, plainTables, plain.rootRecord()));
        put(17, descriptor(2, label, (int) end, jolietTables, joliet.rootRecord()));
        put(18, terminator());
        put(plainTables.sector(), plain.pathTable(ByteOrder.LITTLE_ENDIAN));
        put(plainTables.second(), plain.pathTable(ByteOrder.BIG_ENDIAN));
        put(jolietTables.sector(), joliet.pathTable(ByteOrder.LITTLE_ENDIAN));
        put(jolietTables.second(), joliet.pathTable(ByteOrder.BIG_ENDIAN));
        put(plainFolders, plain.records());
        put(jolietFolders, joliet.records());
        for (Map.Entry<VolumeNode, Long> file : files.entrySet()) {
            Content content = file.getKey().content;
            if (content instanceof Bytes bytes) {
                put(file.getValue(), bytes.bytes().duplicate());
            } else if (content instanceof HostFile source) {
                copy(source, file.getValue());
            }
        }
        if (channel.size() < end * SECTOR) {
            channel.write(ByteBuffer.wrap(new byte[1]), end * SECTOR - 1); // the last sector is whole, too
        }
    }

    /** Gives each file its place; returns the first sector behind them. */
    private long placeFiles(VolumeNode folder, long sector, Map<VolumeNode, Long> files) {
        long next = sector;
        for (VolumeNode child : folder.children.values()) {
            if (child.content == null) {
                next = placeFiles(child, next, files);
            } else {
                long size = child.content.size();
                if (size > LARGEST_FILE) {
                    throw tooLarge(child.path(), size - LARGEST_FILE);
                }
                files.put(child, next);
                next += sectors(size);
            }
        }
        return next;
    }

    private MediaException tooLarge(String what, long bytes) {
        return new MediaException(
                Kind.TOO_LARGE,
                volume,
                "Can't write the volume " + volume + ": " + what + " has " + bytes + " bytes more than it can have",
                "Leave something out",
                null);
    }

    private static long sectors(long bytes) {
        return (bytes + SECTOR - 1) / SECTOR;
    }

    private void put(long sector, byte[] bytes) throws IOException {
        put(sector, ByteBuffer.wrap(bytes));
    }

    private void put(long sector, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer, sector * SECTOR + buffer.position());
        }
    }

    private void copy(HostFile source, long sector) throws IOException {
        channel.position(sector * SECTOR);
        // what was a file when it was looked at is no way out of the folder later
        try (FileChannel input = FileChannel.open(source.file(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long done = 0;
            long part = 1;
            while (done < source.size() && part > 0) {
                part = input.transferTo(done, source.size() - done, channel);
                done += part;
            }
            if (done < source.size() || input.size() != done) {
                throw new MediaException(
                        Kind.SIZE_MISMATCH,
                        volume,
                        "The file " + source.file() + " changed while it was written to the volume " + volume,
                        "Try again when nothing writes to it",
                        null);
            }
        } catch (FileSystemException e) {
            throw new MediaException(
                    Kind.NOT_FOUND,
                    volume,
                    "Can't write the volume " + volume + ": " + source.file() + " can't be read",
                    "Check that it is there, and that it may be read",
                    e);
        }
    }

    /** A volume descriptor; the second kind is Joliet's. */
    private static byte[] descriptor(int type, String label, int sectors, PathTables tables, byte[] root) {
        boolean joliet = type == 2;
        ByteBuffer block = ByteBuffer.allocate(SECTOR);
        block.put((byte) type)
                .put("CD001".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        text(block, "LINUX", 32, joliet);
        text(block, label, 32, joliet);
        block.position(80);
        both(block, sectors);
        if (joliet) {
            block.put(JOLIET_LEVEL_3.getBytes(StandardCharsets.US_ASCII));
        }
        block.position(120);
        both16(block, 1);
        both16(block, 1);
        both16(block, SECTOR);
        both(block, tables.size());
        block.order(ByteOrder.LITTLE_ENDIAN).putInt((int) tables.sector()).putInt(0);
        block.order(ByteOrder.BIG_ENDIAN).putInt((int) tables.second()).putInt(0);
        block.put(root);
        for (int length : new int[] {128, 128, 128, 128, 37, 37, 37}) {
            text(block, "", length, joliet);
        }
        for (int i = 0; i < 4; i++) {
            block.put((i < 2 ? "2000010100000000" : "0000000000000000").getBytes(StandardCharsets.US_ASCII))
                    .put((byte) 0);
        }
        block.put((byte) 1);
        return block.array();
    }

    /** A text, padded with spaces; the last byte of an odd field is zero where characters have two. */
    private static void text(ByteBuffer block, String text, int length, boolean wide) {
        int characters = wide ? length / 2 : length;
        String padded = text + " ".repeat(Math.max(0, characters - text.length()));
        int end = block.position() + length;
        block.put(
                padded.substring(0, characters).getBytes(wide ? StandardCharsets.UTF_16BE : StandardCharsets.US_ASCII));
        block.position(end);
    }

    private static byte[] terminator() {
        byte[] block = new byte[SECTOR];
        block[0] = (byte) 255;
        System.arraycopy("CD001".getBytes(StandardCharsets.US_ASCII), 0, block, 1, 5);
        block[6] = 1;
        return block;
    }
}
