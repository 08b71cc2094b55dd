package org.oz4j.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

import org.oz4j.DiskException;
import org.oz4j.ImageFormat;
import org.oz4j.host.Blocking;
import org.oz4j.host.Commands;

/**
 * Creates disk images; they take no room until they are written to.
 *
 * <p>Source of the qcow2 format: QEMU's docs/interop/qcow2.txt, version 3.
 */
public final class DiskImages {
    private static final int CLUSTER_BITS = 16;
    private static final int CLUSTER = 1 << CLUSTER_BITS;
    private static final int HEADER = 104;
    private static final Duration OVERLAY_LIMIT = Duration.ofMinutes(1);
    private static final Duration CONVERT_LIMIT = Duration.ofHours(2);
    static final int QCOW2_MAGIC = 0x514649fb;

    private DiskImages() {}

    /**
     * Creates an empty image.
     *
     * @param size what the guest sees, in bytes; a multiple of 512
     * @param mode the file's permissions, as in {@code rw-------}
     * @throws DiskException where the size is none, or the file is there already
     */
    public static void create(Path image, ImageFormat format, long size, String mode) throws IOException {
        if (size <= 0 || size % 512 != 0) {
            throw new DiskException(
                    image, "A disk of " + size + " bytes can't be made", "Give it whole sectors of 512 bytes", null);
        }
        try {
            Files.createFile(image, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            throw new DiskException(image, "The file " + image + " exists already", "Move it away", e);
        }
        // Not as an attribute of the creation, which the umask would narrow.
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString(mode));
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            if (format == ImageFormat.RAW) {
                file.setLength(size);
            } else {
                writeQcow2(file, size);
            }
        }
    }

    /** Clusters: 0 header, 1 refcount table, 2 refcount block, from 3 the level 1 table. */
    private static void writeQcow2(RandomAccessFile file, long size) throws IOException {
        long perLevel2 = (long) CLUSTER / 8 * CLUSTER;
        int level1Entries = Math.toIntExact((size + perLevel2 - 1) / perLevel2);
        int level1Clusters = (level1Entries * 8 + CLUSTER - 1) / CLUSTER;
        ByteBuffer header = ByteBuffer.allocate(HEADER + 8);
        header.putInt(QCOW2_MAGIC).putInt(3);
        header.putLong(0).putInt(0); // no backing file
        header.putInt(CLUSTER_BITS).putLong(size);
        header.putInt(0); // not encrypted
        header.putInt(level1Entries).putLong(3L * CLUSTER);
        header.putLong(CLUSTER).putInt(1); // refcount table: where, and how many clusters
        header.putInt(0).putLong(0); // no snapshots
        header.putLong(0).putLong(0).putLong(0); // no features
        header.putInt(4).putInt(HEADER); // refcounts of 16 bits; the header's length
        file.write(header.array()); // ends with a header extension of type 0: no more of them
        file.seek(CLUSTER);
        file.writeLong(2L * CLUSTER);
        file.seek(2L * CLUSTER);
        for (int used = 0; used < 3 + level1Clusters; used++) {
            file.writeShort(1);
        }
        file.setLength((3L + level1Clusters) * CLUSTER);
    }

    /**
     * Creates an image that takes what is written to it, and reads all else from another, which is never written to.
     *
     * @throws DiskException where qemu-img fails, with its words
     */
    public static void createOverlay(Path overlay, Path image, ImageFormat format) throws InterruptedException {
        Commands.Result result = Commands.run(
                List.of(
                        "qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        "-F",
                        format.label(),
                        "-b",
                        hostName(image.toAbsolutePath()),
                        hostName(overlay)),
                OVERLAY_LIMIT);
        if (result.status() != 0) {
            throw new DiskException(
                    image,
                    "qemu-img can't make an overlay of " + image + ": "
                            + result.errors().strip(),
                    "Check that it is an image of the format " + format.label(),
                    null);
        }
    }

    /** A file's name for programs: a path may be of another file system's than the host's, that stands for it. */
    private static String hostName(Path file) {
        return file.toFile().getPath();
    }

    /** Copies an image; blocks are shared where the file system can, and holes stay holes. */
    public static void copy(Path from, Path to) throws InterruptedException {
        Commands.Result result = Commands.run(
                List.of("cp", "--reflink=auto", "--sparse=always", "--", hostName(from), hostName(to)), CONVERT_LIMIT);
        if (result.status() != 0) {
            throw new DiskException(
                    to, "The image can't be copied: " + result.errors().strip(), "See whether the disk is full", null);
        }
    }

    /** Copies an image by sharing all of its blocks; whether the file system can, and there is a copy. */
    public static boolean share(Path from, Path to) throws IOException, InterruptedException {
        boolean shared =
                Commands.run(List.of("cp", "--reflink=always", "--", hostName(from), hostName(to)), CONVERT_LIMIT)
                                .status()
                        == 0;
        if (!shared) {
            Files.deleteIfExists(to);
        }
        return shared;
    }

    /** The format of an image that is there, told by its first bytes; what is none of the others is raw. */
    public static ImageFormat formatOf(Path image) throws IOException {
        byte[] start;
        try (InputStream stream = Files.newInputStream(image)) {
            start = stream.readNBytes(72);
        }
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (start.length > 4 && ByteBuffer.wrap(start).getInt() == QCOW2_MAGIC) {
            return ImageFormat.QCOW2;
        }
        if (text.startsWith("KDMV")) {
            return ImageFormat.VMDK;
        }
        if (text.startsWith("vhdxfile")) {
            return ImageFormat.VHDX;
        }
        return text.length() > 0x43 && text.startsWith("\u007f\u0010\u00da\u00be", 0x40)
                ? ImageFormat.VDI
                : ImageFormat.RAW;
    }

    /**
     * Copies an image into another format, by qemu-img.
     *
     * @param mode the new file's permissions, as in {@code rw-------}
     * @throws DiskException where qemu-img fails, with its words
     */
    public static void convert(Path from, ImageFormat fromFormat, Path to, ImageFormat toFormat, String mode)
            throws InterruptedException {
        List<String> command = List.of(
                "qemu-img", "convert", "-f", fromFormat.label(), "-O", toFormat.label(), hostName(from), hostName(to));
        Commands.Result result = Commands.run(command, CONVERT_LIMIT);
        if (result.status() != 0) {
            throw new DiskException(
                    to,
                    "qemu-img can't convert the image to " + toFormat.label() + ": "
                            + result.errors().strip(),
                    "See whether the disk is full, and whether qemu-img (Debian: qemu-utils) knows the format",
                    null);
        }
        try {
            Files.setPosixFilePermissions(to, PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            throw new DiskException(to, "The permissions of " + to + " can't be set: " + e.getMessage(), null, e);
        }
    }

    /** Returns once all of the image is on the host's disk; on a busy one that takes a while, and an interrupt ends it. */
    public static void syncToDisk(Path image) throws IOException, InterruptedException {
        // opened here, and to be read: who is left behind by an interrupt must not make the file anew
        RandomAccessFile file = new RandomAccessFile(image.toFile(), "r");
        Blocking.interruptibly(
                () -> {
                    try (file) {
                        file.getFD().sync();
                    }
                    return image;
                },
                () -> {});
    }

    /** The disk's size as the guest sees it, in bytes. */
    public static long virtualSize(Path image, ImageFormat format) throws IOException {
        try (DiskReader reader = DiskReader.open(image, format)) {
            return reader.size();
        }
    }

    /** Reads whole buffers; what lies behind the end of the file is zeros. */
    static void readFully(FileChannel channel, ByteBuffer buffer, long offset) throws IOException {
        int start = buffer.position();
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position() - start) < 0) {
                break;
            }
        }
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
        buffer.flip();
    }
}
