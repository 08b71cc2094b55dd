package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps install media, and what was made of them, for all who share the store. Safe for use by many threads.
 *
 * <p>A file is fetched once, and a thing made once: whoever comes second waits. A kept file is used again where its checksum
 * fits, whatever address it came from, or where the server says that it has not changed. Files of the host are used where
 * they lie.
 */
public interface MediaStore {
    /** What kinds of things are kept. */
    enum Kind {
        /** Install media, as fetched. */
        MEDIA("media"),
        /** Kernels and initrds of install trees. */
        BOOT("boot"),
        /** What guests downloaded. */
        PACKAGES("packages"),
        /** Install media that were made of others. */
        MODIFIED("modified"),
        /** Images that were installed and not customised. */
        INSTALLED("installed"),
        /** What is being fetched or made, or was when somebody died. */
        PARTIAL("incoming"),
        /** What was not what its checksum promised. */
        REJECTED("rejected");

        private final String folder;

        Kind(String folder) {
            this.folder = folder;
        }

        /** The name of its folder in the store. */
        String folder() {
            return folder;
        }

        /** Its name for people, as in {@code media}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isFetched() {
            return this == MEDIA || this == BOOT || this == PACKAGES;
        }

        boolean isMade() {
            return this == MODIFIED || this == INSTALLED;
        }
    }

    /**
     * Something kept.
     *
     * @param name what people call it
     * @param file what tells of it
     * @param bytes the room it takes
     * @param used when it was fetched, made or used last
     */
    record Kept(Kind kind, String name, Path file, long bytes, Instant used) {}

    /** Makes something in a folder that is there and empty. */
    @FunctionalInterface
    interface Maker {
        /** Makes it. */
        void make(Path folder) throws IOException, InterruptedException;
    }

    /**
     * Fetches a file, or finds it kept.
     *
     * @param locations where it is, the best first; the others are tried where one fails
     * @param kind what it is: {@code MEDIA} or {@code BOOT}
     * @throws org.oz4j.MediaException where it can't be had, or is not what the checksum promises
     */
    Stored fetch(List<URI> locations, Optional<Checksum> checksum, Kind kind, TransferListener listener)
            throws InterruptedException;

    /**
     * Finds what was made of the same things, or makes it: whoever comes second waits, and what is half made when its
     * maker dies is made anew.
     *
     * @param kind what it is: {@code MODIFIED} or {@code INSTALLED}
     * @param key names all that it is made from, as letters and digits
     * @param name what people call it
     * @return the folder of what was made
     */
    Stored make(Kind kind, String key, String name, Maker maker) throws IOException, InterruptedException;

    /** What was made under a key; empty where nothing was. */
    Optional<Stored> made(Kind kind, String key) throws IOException, InterruptedException;

    /** Has what was made under a key stay as long as an image is there that reads from it. */
    void pin(Kind kind, String key, Path image) throws IOException, InterruptedException;

    /** A key for things that are made of others; without this store's secret it tells nothing of what went in. */
    String key(Map<String, String> inputs) throws IOException, InterruptedException;

    /** All that is kept, what was used last at the end. */
    List<Kept> kept() throws IOException;

    /** Deletes something kept; false where it is in use. */
    boolean remove(Kept kept) throws IOException, InterruptedException;

    /** Deletes what was not used for longest until no more than so many bytes are kept; what is in use stays. */
    void shrinkTo(long bytes) throws IOException, InterruptedException;
}
