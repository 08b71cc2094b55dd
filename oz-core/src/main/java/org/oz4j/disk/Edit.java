package org.oz4j.disk;

import java.util.Map;

/** A change to a file of an image. Numbers of users and groups are the guest's own. */
public sealed interface Edit {
    /** The path, which is the guest's own and absolute. */
    String path();

    /**
     * The owner, and the permissions up to {@code 07777}, of what an edit makes.
     *
     * @param xattrs the extended attributes of what is new, beside those that each new file gets
     */
    record Owned(int mode, long uid, long gid, Map<String, Bytes> xattrs) {
        /** Checks the permissions. */
        public Owned {
            Attributes.checkMode(mode);
            xattrs = Map.copyOf(xattrs);
        }

        /** Without extended attributes. */
        public Owned(int mode, long uid, long gid) {
            this(mode, uid, gid, Map.of());
        }

        /** That of root, with those permissions. */
        public static Owned byRoot(int mode) {
            return new Owned(mode, 0, 0);
        }

        /** For administrators of Windows and the system itself, and nobody else. */
        public static Owned byAdministrators() {
            return new Owned(0600, 0, 0, Map.of(GuestFilesystem.WINDOWS_ACL, WindowsAcl.ADMINISTRATORS_ALONE));
        }
    }

    /**
     * A file is made, or takes the place of a file or link. It keeps the extended attributes of the file that was there,
     * except for capabilities; a new one gets the SELinux label of its folder, as a guest would give it by default.
     */
    record Write(String path, Bytes content, Owned owned) implements Edit {}

    /**
     * A line is put at the end or the beginning of a text file, whose owner and permissions stay; where there is no file, it is made.
     * Undone, that line alone goes where others have changed the file.
     *
     * @param line the line, without its end
     * @param first whether it goes to the beginning
     */
    record AddLine(String path, String line, Owned owned, boolean first) implements Edit {
        /** At the end. */
        public AddLine(String path, String line, Owned owned) {
            this(path, line, owned, false);
        }

        /** Checks the line. */
        public AddLine {
            if (line.isEmpty() || line.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("'" + line + "' is not one line");
            }
        }
    }

    /** A folder is made, unless one is there. */
    record MakeFolder(String path, Owned owned) implements Edit {}

    /** A symbolic link is made, or takes the place of a file or link. */
    record MakeLink(String path, String target) implements Edit {}

    /** The permissions of a file or folder become those. */
    record SetMode(String path, int mode) implements Edit {
        /** Checks the permissions. */
        public SetMode {
            Attributes.checkMode(mode);
        }
    }

    /** What is there gets another owner. */
    record SetOwner(String path, long uid, long gid) implements Edit {}

    /** A file, a link or an empty folder is taken away; nothing happens where nothing is. */
    record Remove(String path) implements Edit {}
}
