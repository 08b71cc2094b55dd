package org.oz4j.disk;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a file has besides its content.
 *
 * @param mode the permissions, with the set-id and sticky bits: up to {@code 07777}
 * @param uid the number of the user it belongs to
 * @param gid the number of its group
 * @param xattrs the extended attributes, by name; among them are SELinux's label, capabilities and access lists
 * @param modified when its content last changed; empty for now
 */
public record Attributes(int mode, long uid, long gid, Map<String, Bytes> xattrs, Optional<Instant> modified) {
    private static final int MOST_MODE = 07777;

    /** Copies the map. */
    public Attributes {
        checkMode(mode);
        xattrs = Map.copyOf(xattrs);
    }

    /** Without extended attributes, and of now. */
    public Attributes(int mode, long uid, long gid) {
        this(mode, uid, gid, Map.of(), Optional.empty());
    }

    /**
     * The same permissions.
     *
     * @throws IllegalArgumentException where no file can have them
     */
    static int checkMode(int mode) {
        if (mode < 0 || mode > MOST_MODE) {
            throw new IllegalArgumentException("no file has the permissions " + Integer.toOctalString(mode));
        }
        return mode;
    }
}
