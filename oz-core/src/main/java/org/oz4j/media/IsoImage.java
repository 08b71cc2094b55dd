package org.oz4j.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

/**
 * Reads an ISO 9660 image in place, by its Rock Ridge names where it has them.
 *
 * <p>Source: ECMA-119 (ISO 9660), SUSP 1.12 and RRIP 1.12.
 */
public final class IsoImage implements AutoCloseable {
    private static final int SECTOR = 2048;
    private static final int FOLDER = 0x02;
    private static final int LARGEST_FOLDER = 64 << 20;

    private record Extent(long offset, long size) {}

    private final Path file;
    private final FileChannel channel;
    private final String label;
    private final Map<String, List<Extent>> files = new TreeMap<>();
    private final Set<String> folders = new HashSet<>();

    private IsoImage(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        ByteBuffer volume = bytes(16L * SECTOR, SECTOR);
        if (volume.get(0) != 1 || !text(volume, 1, 5).equals("CD001")) {
            throw bad("it has no ISO 9660 volume descriptor");
        }
        label = text(volume, 40, 32).stripTrailing();
        Set<Long> seen = new HashSet<>();
        walk("", (long) volume.getInt(158) * SECTOR, Integer.toUnsignedLong(volume.getInt(166)), seen);
    }

    /**
     * Opens an image.
     *
     * @throws MediaException of kind {@code BAD_FORMAT} where the file is none
     */
    public static IsoImage open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        boolean good = false;
        try {
            IsoImage image = new IsoImage(file, channel);
            good = true;
            return image;
        } finally {
            if (!good) {
                channel.close();
            }
        }
    }

    private MediaException bad(String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                file.toUri(),
                "The file " + file + " is no ISO image that can be read: " + why,
                "Check that it was fetched whole, and that it is the right file",
                null);
    }

    private ByteBuffer bytes(long offset, int length) throws IOException {
        if (offset < 0 || length < 0 || offset + length > channel.size()) {
            throw bad("it ends before byte " + (offset + length));
        }
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw bad("it ends before byte " + (offset + length));
            }
        }
        return buffer.flip();
    }

    private static String text(ByteBuffer buffer, int offset, int length) {
        return new String(buffer.array(), offset, length, StandardCharsets.ISO_8859_1);
    }

    private void walk(String path, long offset, long size, Set<Long> seen) throws IOException {
        if (!seen.add(offset)) {
            return; // a folder that holds itself
        }
        if (size > LARGEST_FOLDER) {
            throw bad("the folder '" + path + "' has " + size + " bytes");
        }
        ByteBuffer records = bytes(offset, (int) size);
        int at = 0;
        while (at < size) {
            int length = Byte.toUnsignedInt(records.get(at));
            if (length == 0) {
                at = (at / SECTOR + 1) * SECTOR; // the rest of the sector is unused
                continue;
            }
            if (length < 34 || at + length > size) {
                throw bad("the folder '" + path + "' has a broken record");
            }
            int nameLength = Byte.toUnsignedInt(records.get(at + 32));
            boolean self = nameLength == 1 && records.get(at + 33) <= 1 && records.get(at + 33) >= 0;
            if (!self) {
                long extent = Integer.toUnsignedLong(records.getInt(at + 2)) * SECTOR;
                long extentSize = Integer.toUnsignedLong(records.getInt(at + 10));
                int flags = Byte.toUnsignedInt(records.get(at + 25));
                String name = path + name(records, at, length, nameLength);
                if ((flags & FOLDER) != 0) {
                    folders.add(name);
                    walk(name + "/", extent, extentSize, seen);
                } else {
                    // A large file has several records, all but the last with the flag.
                    files.computeIfAbsent(name, key -> new ArrayList<>()).add(new Extent(extent, extentSize));
                }
            }
            at += length;
        }
    }

    private String name(ByteBuffer records, int at, int length, int nameLength) throws IOException {
        int use = at + 33 + nameLength + (nameLength % 2 == 0 ? 1 : 0);
        StringBuilder rockRidge = new StringBuilder();
        readNames(records, use, at + length, rockRidge, 0);
        if (rockRidge.length() > 0) {
            return new String(rockRidge.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }
        String plain = text(records, at + 33, nameLength);
        int version = plain.indexOf(';');
        String stem = version < 0 ? plain : plain.substring(0, version);
        return (stem.endsWith(".") ? stem.substring(0, stem.length() - 1) : stem).toLowerCase(Locale.ROOT);
    }

    private void readNames(ByteBuffer area, int from, int to, StringBuilder name, int depth) throws IOException {
        int at = from;
        while (at + 4 <= to) {
            int length = Byte.toUnsignedInt(area.get(at + 2));
            if (length < 4 || at + length > to) {
                return;
            }
            String signature = text(area, at, 2);
            if (signature.equals("NM") && length > 5) {
                name.append(text(area, at + 5, length - 5));
            } else if (signature.equals("CE") && length >= 28 && depth < 8) {
                long offset = Integer.toUnsignedLong(area.getInt(at + 4)) * SECTOR
                        + Integer.toUnsignedLong(area.getInt(at + 12));
                int size = area.getInt(at + 20);
                readNames(bytes(offset, size), 0, size, name, depth + 1);
            } else if (signature.equals("ST")) {
                return;
            }
            at += length;
        }
    }

    /** The volume identifier. */
    public String volumeLabel() {
        return label;
    }

    /** Every file and folder, by its path without a leading slash. */
    public Set<String> paths() {
        Set<String> all = new HashSet<>(files.keySet());
        all.addAll(folders);
        return all;
    }

    /** Whether there is a file of that path. */
    public boolean contains(String path) {
        return files.containsKey(path);
    }

    /** The size of a file in bytes. */
    public long size(String path) {
        return extents(path).stream().mapToLong(Extent::size).sum();
    }

    private List<Extent> extents(String path) {
        List<Extent> extents = files.get(path);
        if (extents == null) {
            throw new MediaException(
                    Kind.NOT_FOUND,
                    file.toUri(),
                    "The ISO image " + file + " (" + label + ") has no file " + path,
                    "Check that it is an install medium of the system that the template names",
                    null);
        }
        return extents;
    }

    /** The content of a small file; of a larger one, its beginning. */
    public byte[] read(String path, int maxBytes) throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) Math.min(maxBytes, size(path)));
        for (Extent extent : extents(path)) {
            int part = (int) Math.min(content.remaining(), extent.size());
            content.put(bytes(extent.offset(), part));
        }
        return content.array();
    }

    /** Copies a file out of the image. */
    public void extract(String path, Path target) throws IOException {
        List<Extent> extents = extents(path);
        try (FileChannel output = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Extent extent : extents) {
                if (extent.offset() + extent.size() > channel.size()) {
                    throw bad("it ends before the end of " + path);
                }
                for (long done = 0; done < extent.size(); ) {
                    done += channel.transferTo(extent.offset() + done, extent.size() - done, output);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
