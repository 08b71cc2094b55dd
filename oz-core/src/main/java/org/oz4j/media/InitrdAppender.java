package org.oz4j.media;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.host.WorkFolder;

/**
 * Adds files to an initrd.
 *
 * <p>To an archive they are appended without unpacking it: the kernel unpacks one archive after the other. An initrd of
 * before that, an ext2 file system that is compressed by gzip or not at all, is unpacked, changed and compressed again. What
 * gzip compressed is looked into; what others compressed is taken for an archive.
 *
 * <p>Sources: the Linux kernel's "initramfs buffer format" and "Using the initial RAM disk (initrd)"; the magic numbers of
 * the formats' own documents.
 */
public final class InitrdAppender {
    private static final int BEGINNING = 2048;
    private static final long LARGEST = 512L << 20;

    private enum Format {
        ARCHIVE,
        EXT2,
        GZIP_OF_EXT2
    }

    private record Magic(int at, String hex, String name) {
        boolean is(byte[] beginning) {
            byte[] magic = HexFormat.of().parseHex(hex);
            return beginning.length >= at + magic.length
                    && HexFormat.of()
                            .formatHex(beginning, at, at + magic.length)
                            .equals(hex);
        }
    }

    private static final String GZIP = "1f8b";
    private static final List<Magic> CPIO = List.of(
            new Magic(0, "303730373031", "a cpio archive"), new Magic(0, "303730373032", "a cpio archive with sums"));
    private static final List<Magic> COMPRESSED = List.of(
            new Magic(0, "fd377a585a00", "xz"),
            new Magic(0, "5d00", "lzma"),
            new Magic(0, "425a68", "bzip2"),
            new Magic(0, "28b52ffd", "zstd"),
            new Magic(0, "02214c18", "lz4"),
            new Magic(0, "894c5a4f", "lzop"));
    private static final List<Magic> REFUSED = List.of(
            new Magic(0, "303730373037", "a cpio archive of the old format, which no kernel unpacks"),
            new Magic(0, "2d726f6d316673", "a romfs file system"),
            new Magic(0, "453dcd28", "a cramfs file system"),
            new Magic(0, "68737173", "a squashfs file system"),
            new Magic(1024 + 16, "7f13", "a Minix file system"),
            new Magic(1024 + 16, "8f13", "a Minix file system"),
            new Magic(0, "4d5a", "a program, such as a kernel"),
            new Magic(0, "7f454c46", "a program, such as a kernel"));

    private InitrdAppender() {}

    /**
     * Writes a copy of an initrd with further files in it; only its owner can read it, since answers hold secrets. Where
     * that fails nothing is left of it.
     *
     * @param files their content, by their path without a leading slash
     * @throws MediaException of kind {@code BAD_FORMAT} where the initrd is nothing that files can be added to, {@code
     *     TOO_LARGE} where it inflates to more than 512 MiB, {@code NO_SPACE} where its file system is too full
     */
    public static void append(Path initrd, Path target, Map<String, byte[]> files) throws IOException {
        Format format = format(initrd);
        if (format != Format.ARCHIVE) {
            rewrite(initrd, format, target, files);
            return;
        }
        OwnerFile.create(target, to -> {
            try (FileChannel from = FileChannel.open(initrd)) {
                for (long done = 0; done < from.size(); ) {
                    done += from.transferTo(done, from.size() - done, to);
                }
            }
            appendArchive(to, files);
        });
    }

    /**
     * Adds files to an initrd in its place; it can be read by its owner only then. Where that fails it stays as it was.
     *
     * @throws MediaException as {@link #append} does
     */
    public static void add(Path target, Map<String, byte[]> files) throws IOException {
        Format format = format(target);
        if (format != Format.ARCHIVE) {
            rewrite(target, format, target, files, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        Files.setPosixFilePermissions(target, OwnerFile.PERMISSIONS);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            long size = channel.size();
            boolean done = false;
            try {
                channel.position(size);
                appendArchive(channel, files);
                done = true;
            } finally {
                if (!done) {
                    channel.truncate(size);
                }
            }
        }
    }

    // --- what it is

    private static Format format(Path initrd) throws IOException {
        byte[] beginning;
        try (InputStream input = Files.newInputStream(initrd)) {
            beginning = input.readNBytes(BEGINNING);
        }
        boolean zipped = new Magic(0, GZIP, "gzip").is(beginning);
        if (zipped) {
            try (InputStream input = inflated(initrd)) {
                beginning = input.readNBytes(BEGINNING);
            } catch (EOFException | ZipException e) {
                throw cut(initrd, e);
            }
        }
        if (Ext2Image.begins(beginning)) {
            return zipped ? Format.GZIP_OF_EXT2 : Format.EXT2;
        }
        byte[] content = beginning;
        if (CPIO.stream().anyMatch(magic -> magic.is(content))
                || (!zipped && COMPRESSED.stream().anyMatch(magic -> magic.is(content)))) {
            return Format.ARCHIVE;
        }
        throw new MediaException(
                Kind.BAD_FORMAT,
                initrd.toUri(),
                "No files can be added to the initrd " + initrd
                        + ": it is neither a cpio archive nor an ext2 file system," + " but "
                        + (zipped ? "gzip of " : "") + name(content),
                "Check that it was fetched whole, and that it is the right file",
                null);
    }

    private static String name(byte[] beginning) {
        if (beginning.length == 0) {
            return "nothing";
        }
        return REFUSED.stream()
                .filter(magic -> magic.is(beginning))
                .map(Magic::name)
                .findFirst()
                .orElseGet(() -> "something that begins with the bytes "
                        + HexFormat.ofDelimiter(" ").formatHex(beginning, 0, Math.min(8, beginning.length)));
    }

    // --- archives

    /** Appends an archive at the channel's position, which is its end. */
    private static void appendArchive(FileChannel channel, Map<String, byte[]> files) throws IOException {
        OutputStream output = Channels.newOutputStream(channel);
        // Between archives the kernel passes over zeros, and wants the next one at a multiple of four.
        output.write(new byte[(int) ((4 - channel.position() % 4) % 4)]);
        CpioArchiveOutputStream archive = new CpioArchiveOutputStream(output);
        write(archive, new TreeMap<>(files));
        archive.finish();
    }

    private static void write(CpioArchiveOutputStream archive, Map<String, byte[]> files) throws IOException {
        Set<String> folders = new TreeSet<>();
        for (String path : files.keySet()) {
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                folders.add(path.substring(0, slash));
            }
        }
        for (String folder : folders) {
            CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, folder);
            entry.setMode(CpioConstants.C_ISDIR | 0755);
            archive.putArchiveEntry(entry);
            archive.closeArchiveEntry();
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            CpioArchiveEntry entry =
                    new CpioArchiveEntry(CpioConstants.FORMAT_NEW, file.getKey(), file.getValue().length);
            entry.setMode(CpioConstants.C_ISREG | 0600);
            archive.putArchiveEntry(entry);
            archive.write(file.getValue());
            archive.closeArchiveEntry();
        }
    }

    // --- file systems

    /**
     * Writes a changed copy of a file system, compressed.
     *
     * @param how it takes its place in the end; the target may be the initrd itself
     */
    private static void rewrite(Path initrd, Format format, Path target, Map<String, byte[]> files, CopyOption... how)
            throws IOException {
        Path parent = Objects.requireNonNull(target.toAbsolutePath().getParent());
        try (WorkFolder work = WorkFolder.createIn(parent, ".initrd-")) {
            Path image = work.path().resolve("initrd.ext2");
            Path made = work.path().resolve("initrd.gz");
            unpack(initrd, format, image);
            try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                Ext2Image.add(channel, initrd.toUri(), files);
            }
            OwnerFile.create(made, channel -> {
                GZIPOutputStream output = new GZIPOutputStream(Channels.newOutputStream(channel), 1 << 16);
                Files.copy(image, output);
                output.finish();
            });
            Files.move(made, target, how);
        }
    }

    private static void unpack(Path initrd, Format format, Path image) throws IOException {
        try (InputStream input = format == Format.EXT2 ? Files.newInputStream(initrd) : inflated(initrd);
                OutputStream output = Files.newOutputStream(image)) {
            byte[] buffer = new byte[1 << 16];
            long size = 0;
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                size += count;
                if (size > LARGEST) {
                    throw new MediaException(
                            Kind.TOO_LARGE,
                            initrd.toUri(),
                            "The initrd " + initrd + " inflates to more than " + (LARGEST >> 20) + " MiB",
                            "Check that it is the right file",
                            null);
                }
                output.write(buffer, 0, count);
            }
        } catch (EOFException | ZipException e) {
            throw cut(initrd, e);
        }
    }

    private static InputStream inflated(Path initrd) throws IOException {
        InputStream file = Files.newInputStream(initrd);
        boolean good = false;
        try {
            InputStream inflated = new GZIPInputStream(file, 1 << 16);
            good = true;
            return inflated;
        } finally {
            if (!good) {
                file.close();
            }
        }
    }

    private static MediaException cut(Path initrd, IOException cause) {
        return new MediaException(
                Kind.BAD_FORMAT,
                initrd.toUri(),
                "The initrd " + initrd + " can't be inflated: it was cut, or is damaged",
                "Check that it was fetched whole",
                cause);
    }
}
