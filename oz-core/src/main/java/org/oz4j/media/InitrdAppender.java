package org.oz4j.media;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * Adds files to an initrd without unpacking it: the kernel unpacks one archive after the other.
 *
 * <p>Source: the Linux kernel's "initramfs buffer format".
 */
public final class InitrdAppender {
    private InitrdAppender() {}

    /**
     * Writes a copy of an initrd with further files in it; only its owner can read it, since answers hold secrets.
     *
     * @param files their content, by their path without a leading slash
     */
    public static void append(Path initrd, Path target, Map<String, byte[]> files) throws IOException {
        Files.createFile(target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel from = FileChannel.open(initrd);
                FileChannel to = FileChannel.open(target, StandardOpenOption.WRITE)) {
            long size = from.size();
            for (long done = 0; done < size; ) {
                done += from.transferTo(done, size - done, to);
            }
        }
        add(target, files);
    }

    /** Adds files to an initrd in its place. */
    public static void add(Path target, Map<String, byte[]> files) throws IOException {
        try (OutputStream output = Files.newOutputStream(target, StandardOpenOption.APPEND)) {
            // Between archives the kernel passes over zeros, and wants the next one at a multiple of four.
            output.write(new byte[(int) ((4 - Files.size(target) % 4) % 4)]);
            try (CpioArchiveOutputStream archive = new CpioArchiveOutputStream(output)) {
                write(archive, new TreeMap<>(files));
            }
        }
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
}
