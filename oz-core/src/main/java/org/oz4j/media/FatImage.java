package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

/**
 * A FAT file system that lies in a larger file, as UEFI's boot images lie in ISO images: its files are read, and replaced
 * in place.
 *
 * <p>Source: Microsoft's "FAT: General Overview of On-Disk Format", version 1.03.
 */
final class FatImage {
    private static final int ENTRY = 32;
    private static final int MOST_ENTRIES = 100_000;
    private static final int DEEPEST = 32;
    private static final int LARGEST_FILE = 64 << 20;
    private static final int LONG_NAME = 0x0f;
    private static final int FOLDER = 0x10;
    private static final int VOLUME_LABEL = 0x08;

    /** A file, and where its directory entry is. */
    private record Found(long entryAt, int first, long size) {}

    private final FileChannel channel;
    private final long start;
    private final URI medium;
    private final int clusterBytes;
    private final int bits;
    private final int fats;
    private final long fatAt;
    private final long fatBytes;
    private final long dataAt;
    private final int clusters;
    private final long infoAt;
    private final byte[] fat;
    private final Map<String, Found> files = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private int entriesSeen;

    private FatImage(FileChannel channel, long start, URI medium) throws IOException {
        this.channel = channel;
        this.start = start;
        this.medium = medium;
        ByteBuffer boot = read(0, 512);
        int sector = Short.toUnsignedInt(boot.getShort(11));
        int perCluster = Byte.toUnsignedInt(boot.get(13));
        int reserved = Short.toUnsignedInt(boot.getShort(14));
        fats = Byte.toUnsignedInt(boot.get(16));
        int rootEntries = Short.toUnsignedInt(boot.getShort(17));
        long small = Short.toUnsignedLong(boot.getShort(19));
        long sectors = small != 0 ? small : Integer.toUnsignedLong(boot.getInt(32));
        long perFat16 = Short.toUnsignedLong(boot.getShort(22));
        long perFat = perFat16 != 0 ? perFat16 : Integer.toUnsignedLong(boot.getInt(36));
        boolean good = sector >= 512
                && sector <= 4096
                && Integer.bitCount(sector) == 1
                && Integer.bitCount(perCluster) == 1
                && reserved > 0
                && fats > 0
                && fats <= 4
                && perFat > 0
                && boot.getShort(510) == (short) 0xaa55;
        if (!good) {
            throw bad("it has no boot sector of a FAT file system");
        }
        clusterBytes = sector * perCluster;
        fatAt = (long) reserved * sector;
        fatBytes = perFat * sector;
        long rootAt = fatAt + fats * fatBytes;
        int rootBytes = (rootEntries * ENTRY + sector - 1) / sector * sector;
        dataAt = rootAt + rootBytes;
        long count = (sectors * sector - dataAt) / clusterBytes;
        if (count <= 0 || count > 0x0fff_fff5L || fatBytes > LARGEST_FILE) {
            throw bad("it tells of " + count + " clusters");
        }
        // the number of clusters alone tells the kind, by the document
        clusters = (int) count;
        bits = clusters < 4085 ? 12 : clusters < 65525 ? 16 : 32;
        if ((clusters + 2L) * bits / 8 > fatBytes) {
            throw bad("its allocation table is too short");
        }
        infoAt = bits == 32 ? Short.toUnsignedLong(boot.getShort(48)) * sector : 0;
        fat = read(fatAt, (int) fatBytes).array();
        if (bits == 32) {
            folder("", chain(boot.getInt(44)));
        } else {
            entries("", read(rootAt, rootBytes), List.of(rootAt), rootBytes);
        }
    }

    /**
     * Reads a file system's folders.
     *
     * @param start where it begins in the file, in bytes
     * @param medium what the file is, for messages
     * @throws MediaException of kind {@code BAD_FORMAT} where there is none, or it is broken
     */
    static FatImage open(FileChannel channel, long start, URI medium) throws IOException {
        return new FatImage(channel, start, medium);
    }

    /** The paths of all files, without a leading slash. */
    List<String> paths() {
        return List.copyOf(files.keySet());
    }

    /** The content of a file; case does not count. */
    Optional<byte[]> read(String path) throws IOException {
        Found file = files.get(path);
        if (file == null) {
            return Optional.empty();
        }
        if (file.size() > LARGEST_FILE) {
            throw bad("its file " + path + " has " + file.size() + " bytes");
        }
        return Optional.of(Arrays.copyOf(
                content(file.size() == 0 ? List.of() : chain(file.first())).array(), (int) file.size()));
    }

    /**
     * Gives a file another content.
     *
     * @throws MediaException of kind {@code NO_SPACE} where the file system is too full for it; it is as it was then
     */
    void replace(String path, byte[] content) throws IOException {
        Found file = files.get(path);
        if (file == null) {
            throw bad("it has no file " + path);
        }
        List<Integer> chain = new ArrayList<>(file.first() < 2 ? List.of() : chain(file.first()));
        int needed = (content.length + clusterBytes - 1) / clusterBytes;
        int before = chain.size();
        for (int cluster = 2; cluster < clusters + 2 && chain.size() < needed; cluster++) {
            if (next(cluster) == 0) {
                chain.add(cluster);
            }
        }
        if (chain.size() < needed) {
            throw new MediaException(
                    Kind.NO_SPACE,
                    medium,
                    "The EFI boot image in " + medium + " is too full for a " + path + " of " + content.length
                            + " bytes",
                    "Ask for shorter kernel arguments, or for BIOS",
                    null);
        }
        List<Integer> spare = new ArrayList<>(chain.subList(needed, chain.size()));
        List<Integer> used = chain.subList(0, needed);
        for (int i = 0; i < needed; i++) {
            byte[] part = Arrays.copyOfRange(content, i * clusterBytes, (i + 1) * clusterBytes);
            write(clusterAt(used.get(i)), part);
            set(used.get(i), i + 1 < needed ? used.get(i + 1) : -1);
        }
        spare.forEach(cluster -> set(cluster, 0));
        for (int i = 0; i < fats; i++) {
            write(fatAt + i * fatBytes, fat);
        }
        ByteBuffer entry = read(file.entryAt(), ENTRY);
        int first = needed == 0 ? 0 : used.get(0);
        entry.putShort(26, (short) first).putInt(28, content.length);
        if (bits == 32) {
            entry.putShort(20, (short) (first >>> 16));
        }
        write(file.entryAt(), entry.array());
        countFree(before - needed);
        files.put(path, new Found(file.entryAt(), first, content.length));
    }

    private void countFree(int more) throws IOException {
        if (infoAt == 0) {
            return;
        }
        ByteBuffer info = read(infoAt, 512);
        if (info.getInt(0) == 0x41615252 && info.getInt(488) != -1) {
            info.putInt(488, info.getInt(488) + more);
            write(infoAt, info.array());
        }
    }

    private void folder(String path, List<Integer> chain) throws IOException {
        List<Long> places = chain.stream().map(this::clusterAt).toList();
        entries(path, content(chain), places, clusterBytes);
    }

    /** Takes down the entries of a folder, whose pieces lie at these places. */
    private void entries(String path, ByteBuffer entries, List<Long> places, int pieceBytes) throws IOException {
        StringBuilder longName = new StringBuilder();
        for (int at = 0; at + ENTRY <= entries.limit(); at += ENTRY) {
            int first = Byte.toUnsignedInt(entries.get(at));
            if (first == 0) {
                return;
            }
            if (++entriesSeen > MOST_ENTRIES
                    || path.chars().filter(c -> c == '/').count() > DEEPEST) {
                throw bad("it has more than " + MOST_ENTRIES + " files, or folders that hold themselves");
            }
            int attributes = entries.get(at + 11);
            if (first == 0xe5) {
                longName.setLength(0);
            } else if ((attributes & LONG_NAME) == LONG_NAME) {
                longName.insert(0, longPart(entries, at));
            } else {
                String name = longName.isEmpty() ? shortName(entries, at) : longName.toString();
                longName.setLength(0);
                boolean counts = (attributes & VOLUME_LABEL) == 0 && !name.equals(".") && !name.equals("..");
                int cluster = Short.toUnsignedInt(entries.getShort(at + 26))
                        | (bits == 32 ? Short.toUnsignedInt(entries.getShort(at + 20)) << 16 : 0);
                if (counts && (attributes & FOLDER) != 0) {
                    folder(path + name + "/", chain(cluster));
                } else if (counts) {
                    files.put(
                            path + name,
                            new Found(
                                    places.get(at / pieceBytes) + at % pieceBytes,
                                    cluster,
                                    Integer.toUnsignedLong(entries.getInt(at + 28))));
                }
            }
        }
    }

    /** The 13 UTF-16 characters of one entry of a long name. */
    private static String longPart(ByteBuffer entries, int at) {
        StringBuilder part = new StringBuilder();
        for (int offset : new int[] {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30}) {
            char c = entries.getChar(at + offset);
            if (c == 0) {
                break;
            }
            part.append(c);
        }
        return part.toString();
    }

    private static String shortName(ByteBuffer entries, int at) {
        byte[] name = new byte[11];
        entries.get(at, name);
        String stem = new String(name, 0, 8, StandardCharsets.ISO_8859_1).stripTrailing();
        String extension = new String(name, 8, 3, StandardCharsets.ISO_8859_1).stripTrailing();
        return (extension.isEmpty() ? stem : stem + "." + extension).toLowerCase(Locale.ROOT);
    }

    private List<Integer> chain(int first) {
        List<Integer> chain = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        int end = bits == 12 ? 0xff8 : bits == 16 ? 0xfff8 : 0x0ffffff8;
        for (int cluster = first; cluster < end; cluster = next(cluster)) {
            if (cluster < 2 || cluster >= clusters + 2 || !seen.add(cluster)) {
                throw bad("a chain of clusters leads to " + cluster);
            }
            chain.add(cluster);
            if ((long) chain.size() * clusterBytes > LARGEST_FILE) {
                throw bad("it has a file that is too large to be read");
            }
        }
        return chain;
    }

    private int next(int cluster) {
        ByteBuffer table = ByteBuffer.wrap(fat).order(ByteOrder.LITTLE_ENDIAN);
        return switch (bits) {
            case 12 -> {
                int pair = Short.toUnsignedInt(table.getShort(cluster * 3 / 2));
                yield cluster % 2 == 0 ? pair & 0xfff : pair >>> 4;
            }
            case 16 -> Short.toUnsignedInt(table.getShort(cluster * 2));
            default -> table.getInt(cluster * 4) & 0x0fffffff;
        };
    }

    /** Sets what follows a cluster: -1 for the end, 0 for free. */
    private void set(int cluster, int value) {
        ByteBuffer table = ByteBuffer.wrap(fat).order(ByteOrder.LITTLE_ENDIAN);
        switch (bits) {
            case 12 -> {
                int pair = Short.toUnsignedInt(table.getShort(cluster * 3 / 2));
                int changed =
                        cluster % 2 == 0 ? (pair & 0xf000) | (value & 0xfff) : (pair & 0xf) | ((value & 0xfff) << 4);
                table.putShort(cluster * 3 / 2, (short) changed);
            }
            case 16 -> table.putShort(cluster * 2, (short) value);
            // the highest four bits are reserved and kept
            default -> table.putInt(cluster * 4, (table.getInt(cluster * 4) & 0xf000_0000) | (value & 0x0fff_ffff));
        }
    }

    private long clusterAt(int cluster) {
        return dataAt + (cluster - 2L) * clusterBytes;
    }

    private ByteBuffer content(List<Integer> chain) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(chain.size() * clusterBytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int cluster : chain) {
            all.put(read(clusterAt(cluster), clusterBytes));
        }
        return all.flip();
    }

    private ByteBuffer read(long at, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, start + at + buffer.position()) < 0) {
                throw bad("it ends before its byte " + (at + length));
            }
        }
        return buffer.flip();
    }

    private void write(long at, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, start + at + buffer.position());
        }
    }

    private MediaException bad(String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                medium,
                "The EFI boot image in " + medium + " can't be read: " + why,
                "Check that the medium was fetched whole",
                null);
    }
}
