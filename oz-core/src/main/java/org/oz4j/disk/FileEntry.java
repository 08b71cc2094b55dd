package org.oz4j.disk;

import java.util.Map;
import java.util.Optional;

/**
 * All that there is to compare about a path.
 *
 * @param stat what the file system tells
 * @param sha256 the SHA-256 sum of a regular file's content, in hexadecimal digits; empty for all else
 * @param xattrs its extended attributes, by name
 */
public record FileEntry(FileStat stat, Optional<String> sha256, Map<String, Bytes> xattrs) {
    /** Copies the map. */
    public FileEntry {
        xattrs = Map.copyOf(xattrs);
    }
}
