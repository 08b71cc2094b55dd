package org.oz4j.disk;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

import org.oz4j.DiskException;

/**
 * The files of a disk image that no guest runs from, as its operating system would see them.
 *
 * <p>Paths are the guest's own and absolute. Whatever is in a name is data: spaces, newlines, quotes, leading dashes.
 * A byte that is not part of UTF-8 is the unpaired surrogate U+DC80 to U+DCFF, as in Python's PEP 383, so every name
 * survives. Symbolic links on the way to a path are followed inside of the image; the last part of a path is never
 * followed, so each call is about the link itself. Nothing here leads to the host's files.
 *
 * <p>Each call throws {@link DiskException} where the image or the path does not allow it, {@link
 * IllegalArgumentException} where the path is no path ({@link #checked}), and {@link InterruptedException} where the
 * thread is interrupted: then nothing can be done with the image any more, other than closing it.
 */
public interface GuestFilesystem extends AutoCloseable {
    /** How large a file {@link #read(String)} takes, in bytes. */
    int MOST_READ = 16 << 20;

    /** How many files {@link #walk} takes. */
    int MOST_FILES = 1_000_000;

    /**
     * The name under which {@link #write}, {@link #symlink} and {@link #mkdir} make what then takes its place, in the
     * {@link #stagingFolder}. It is left where the program is killed in between; the next of these calls in that folder
     * overwrites it.
     */
    String STAGING = ".oz4j.new";

    /** The extended attribute that holds a program's capabilities; Linux takes it away with a change of owner. */
    String CAPABILITIES = "security.capability";

    /** The extended attribute that holds SELinux's label. */
    String LABEL = "security.selinux";

    /**
     * The extended attribute that NTFS' owner and access list of a file are told by, as a self-relative security
     * descriptor. It comes with a file that is written, and is not set by {@link #setXattr}. Source: ntfs-3g, "Using
     * Extended Attributes".
     */
    String WINDOWS_ACL = "system.ntfs_acl";

    /** The image. */
    Path image();

    /** What the operating system is; empty where none was found. */
    Optional<Inspection> inspection();

    /** The installed packages, read from the databases of dpkg, rpm, apk and others; empty where none is known. */
    List<Application> applications() throws InterruptedException;

    /** What is at that path; empty where nothing is. */
    Optional<FileStat> stat(String path) throws InterruptedException;

    /** Whether something is at that path; a link that leads nowhere counts. */
    default boolean exists(String path) throws InterruptedException {
        return stat(path).isPresent();
    }

    /** The path without symbolic links, of something that is there. */
    String resolve(String path) throws InterruptedException;

    /** The content of a regular file of up to {@link #MOST_READ} bytes. */
    byte[] read(String path) throws InterruptedException;

    /** Copies a regular file of the image to a file of the host, which is made or overwritten. */
    void read(String path, Path to) throws InterruptedException;

    /** The SHA-256 sum of a regular file's content, in hexadecimal digits. */
    String sha256(String path) throws InterruptedException;

    /**
     * Makes a file, or takes the place of a file or link, in one step: after a crash either the old or the new one is
     * there, and whole. Other names of the old file keep the old content.
     */
    void write(String path, byte[] content, Attributes attributes) throws InterruptedException;

    /** The same with the content of a file of the host. */
    void write(String path, Path content, Attributes attributes) throws InterruptedException;

    /** Makes a folder in one that is there. */
    void mkdir(String path, Attributes attributes) throws InterruptedException;

    /** Makes a symbolic link, or takes the place of a file or link, in one step; a link has no permissions. */
    void symlink(String path, String target, Attributes attributes) throws InterruptedException;

    /** Gives another name to something of the same file system; what has that name is replaced, as by rename(2). */
    void rename(String from, String to) throws InterruptedException;

    /** Takes a file, a link or an empty folder away. */
    void remove(String path) throws InterruptedException;

    /** Sets the permissions of something that is no link. */
    void chmod(String path, int mode) throws InterruptedException;

    /** Sets the owner; set-id bits and capabilities, which Linux takes away then, are as before. */
    void chown(String path, long uid, long gid) throws InterruptedException;

    /** The names in a folder, sorted. */
    List<String> list(String path) throws InterruptedException;

    /** The extended attributes, by name; none where the file system has no such thing. */
    Map<String, Bytes> xattrs(String path) throws InterruptedException;

    /** Sets an extended attribute; a link's holds one NUL at most, at its end. */
    void setXattr(String path, String name, Bytes value) throws InterruptedException;

    /** Takes an extended attribute away that is there. */
    void removeXattr(String path, String name) throws InterruptedException;

    /**
     * A folder and all below it, by path, with the sums of all files; on all file systems that are mounted there.
     *
     * @throws DiskException where there are more than {@link #MOST_FILES}, or the folder's own path holds a newline
     */
    SortedMap<String, FileEntry> walk(String path) throws InterruptedException;

    /**
     * Writes all changes to the image and lets it go; once is enough.
     *
     * @throws DiskException where not all of it could be written
     */
    @Override
    void close();

    /**
     * The same path.
     *
     * @throws IllegalArgumentException where it is not absolute, holds a NUL or an empty part, {@code .} or {@code ..}
     */
    static String checked(String path) {
        boolean good = path.startsWith("/") && path.indexOf('\0') < 0;
        if (good && path.length() > 1) {
            for (String part : path.substring(1).split("/", -1)) {
                good &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
            }
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "'" + path + "' is no path of a guest's: it is not absolute, or has a NUL, an empty part, . or ..");
        }
        return path;
    }

    /** The path of something in a folder. */
    static String child(String folder, String name) {
        return folder.equals("/") ? "/" + name : folder + "/" + name;
    }

    /** The folder that a path lies in; the root lies in itself. */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    /**
     * Where what goes into a folder is made: in that folder, or the next above it whose path holds neither newlines nor
     * backslashes: libguestfs has tar unpack something there, and does not tell it such names rightly.
     *
     * @param folder a path without links
     */
    static String stagingFolder(String folder) {
        String above = folder;
        while (above.indexOf('\n') >= 0 || above.indexOf('\\') >= 0) {
            above = parent(above);
        }
        return above;
    }
}
