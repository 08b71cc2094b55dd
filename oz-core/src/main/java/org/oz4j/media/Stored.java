package org.oz4j.media;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A kept file, or a folder of what was made; it stays until this is closed. To be read only. */
public final class Stored implements AutoCloseable {
    private final Path path;
    private final Optional<String> sha256;
    private final Closeable lease;

    /**
     * Tells of something kept.
     *
     * @param sha256 of a file, in hex, where it is known
     * @param lease lets go of it
     */
    public Stored(Path path, Optional<String> sha256, Closeable lease) {
        this.path = path;
        this.sha256 = sha256;
        this.lease = lease;
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /** The SHA-256 of a file in hex, where it is known already. */
    public Optional<String> sha256() {
        return sha256;
    }

    /** Lets go of it. */
    @Override
    public void close() throws IOException {
        lease.close();
    }
}
