package org.oz4j.disk;

/** What a path of a file system is. */
public enum FileType {
    /** A regular file. */
    FILE,
    /** A folder. */
    FOLDER,
    /** A symbolic link. */
    LINK,
    /** A device, a named pipe or a socket. */
    OTHER
}
