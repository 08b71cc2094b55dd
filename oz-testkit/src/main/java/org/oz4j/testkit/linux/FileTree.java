package org.oz4j.testkit.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A tree of files that need not be on any disk, all owned by root; the archives made from equal trees are equal.
 *
 * <p>Paths are relative, with {@code /} between names. Folders above an entry come by themselves.
 */
public final class FileTree {
    private sealed interface Entry {}

    private record Folder(int mode) implements Entry {}

    private record Plain(int mode, Source source) implements Entry {}

    private record Link(String target) implements Entry {}

    private record CharacterDevice(int mode, int major, int minor) implements Entry {}

    private interface Source {
        byte[] read() throws IOException;
    }

    private final Map<String, Entry> entries = new TreeMap<>();

    /** An empty tree. */
    public FileTree() {}

    /** A folder with those permissions. */
    public FileTree folder(String path, int mode) {
        return put(path, new Folder(mode));
    }

    /** A file of that text, in UTF-8. */
    public FileTree text(String path, int mode, String text) {
        return bytes(path, mode, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A file of those bytes. */
    public FileTree bytes(String path, int mode, byte[] bytes) {
        return put(path, new Plain(mode, () -> bytes));
    }

    /** A file of what that file of this host has when an archive is made. */
    public FileTree hostFile(String path, int mode, Path source) {
        return put(path, new Plain(mode, () -> Files.readAllBytes(source)));
    }

    /** A symbolic link. */
    public FileTree link(String path, String target) {
        return put(path, new Link(target));
    }

    /** A character device. */
    public FileTree device(String path, int mode, int major, int minor) {
        return put(path, new CharacterDevice(mode, major, minor));
    }

    private FileTree put(String path, Entry entry) {
        int slash = path.lastIndexOf('/');
        if (slash > 0) {
            String parent = path.substring(0, slash);
            if (!entries.containsKey(parent)) {
                put(parent, new Folder(0755));
            }
        }
        entries.put(path, entry);
        return this;
    }

    /** Writes an initial ramdisk: cpio in the kernel's format, compressed by gzip. */
    public void writeInitrd(OutputStream target) throws IOException {
        try (OutputStream zipped = new GZIPOutputStream(target, 1 << 16);
                CpioArchiveOutputStream cpio = new CpioArchiveOutputStream(zipped, CpioConstants.FORMAT_NEW)) {
            long inode = 1;
            for (Map.Entry<String, Entry> named : entries.entrySet()) {
                CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, named.getKey());
                byte[] bytes = bytesOf(named.getValue());
                entry.setSize(bytes.length);
                entry.setInode(inode++);
                entry.setTime(0);
                if (named.getValue() instanceof Folder folder) {
                    entry.setMode(CpioConstants.C_ISDIR | folder.mode());
                } else if (named.getValue() instanceof Plain file) {
                    entry.setMode(CpioConstants.C_ISREG | file.mode());
                } else if (named.getValue() instanceof Link) {
                    entry.setMode(CpioConstants.C_ISLNK | 0777);
                } else if (named.getValue() instanceof CharacterDevice device) {
                    entry.setMode(CpioConstants.C_ISCHR | device.mode());
                    entry.setRemoteDeviceMaj(device.major());
                    entry.setRemoteDeviceMin(device.minor());
                }
                entry.setNumberOfLinks(named.getValue() instanceof Folder ? 2 : 1);
                cpio.putArchiveEntry(entry);
                cpio.write(bytes);
                cpio.closeArchiveEntry();
            }
        }
    }

    /** Writes a tar archive, compressed by gzip; it takes no devices. */
    public void writeTarGz(OutputStream target) throws IOException {
        try (OutputStream zipped = new GZIPOutputStream(target, 1 << 16);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(zipped)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Map.Entry<String, Entry> named : entries.entrySet()) {
                TarArchiveEntry entry;
                byte[] bytes = bytesOf(named.getValue());
                if (named.getValue() instanceof Folder folder) {
                    entry = new TarArchiveEntry(named.getKey() + "/");
                    entry.setMode(folder.mode());
                } else if (named.getValue() instanceof Link link) {
                    entry = new TarArchiveEntry(named.getKey(), TarConstants.LF_SYMLINK);
                    entry.setLinkName(link.target());
                    bytes = new byte[0];
                } else if (named.getValue() instanceof Plain file) {
                    entry = new TarArchiveEntry(named.getKey());
                    entry.setMode(file.mode());
                } else {
                    throw new IllegalStateException(named.getKey() + " can't be in a tar archive");
                }
                entry.setSize(bytes.length);
                entry.setModTime(0);
                entry.setIds(0, 0);
                tar.putArchiveEntry(entry);
                tar.write(bytes);
                tar.closeArchiveEntry();
            }
        }
    }

    /** The tree as a tar archive, compressed by gzip. */
    public byte[] toTarGz() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writeTarGz(bytes);
        return bytes.toByteArray();
    }

    private static byte[] bytesOf(Entry entry) throws IOException {
        if (entry instanceof Plain file) {
            return file.source().read();
        } else if (entry instanceof Link link) {
            return link.target().getBytes(StandardCharsets.UTF_8);
        }
        return new byte[0];
    }
}
