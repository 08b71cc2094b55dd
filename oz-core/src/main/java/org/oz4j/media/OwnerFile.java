package org.oz4j.media;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Makes files that only their owner can read, since answers hold secrets. */
final class OwnerFile {
    static final Set<PosixFilePermission> PERMISSIONS = PosixFilePermissions.fromString("rw-------");

    /** What writes the content. */
    interface Writer {
        void write(FileChannel channel) throws IOException;
    }

    private OwnerFile() {}

    /** Makes a new file; where that fails nothing is left of it. */
    static void create(Path target, Writer writer) throws IOException {
        boolean done = false;
        try (FileChannel channel = FileChannel.open(
                target,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PERMISSIONS))) {
            try {
                writer.write(channel);
                done = true;
            } finally {
                if (!done) {
                    Files.deleteIfExists(target);
                }
            }
        }
    }
}
