package org.oz4j.disk;

import java.time.Instant;
import java.util.Optional;

/**
 * What a file system tells about a path.
 *
 * @param type what it is
 * @param mode its permissions, with the set-id and sticky bits: up to {@code 07777}
 * @param uid the number of the user it belongs to
 * @param gid the number of its group
 * @param size in bytes
 * @param links how many names the same file has
 * @param modified when its content last changed
 * @param target where it leads to, where it is a symbolic link
 */
public record FileStat(
        FileType type,
        int mode,
        long uid,
        long gid,
        long size,
        long links,
        Instant modified,
        Optional<String> target) {}
