package org.oz4j.media;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

import org.jspecify.annotations.Nullable;

/** A file that is written as it comes, while any number of readers read it from its beginning. */
final class SharedDownload {
    private static final int CHUNK = 1 << 16;

    /**
     * What is known before the file comes.
     *
     * @param facts what is kept of it
     * @param length its bytes; -1 where the server does not tell
     */
    record Head(Properties facts, long length) {}

    private @Nullable Path part;
    private @Nullable Head head;
    private long written;
    private boolean whole;
    private boolean moved;
    private boolean ended;
    private @Nullable IOException failure;

    /** Makes the file ready for what comes. */
    synchronized void begin(Path file, Head known) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        part = file;
        head = known;
        notifyAll();
    }

    synchronized boolean isBegun() {
        return head != null;
    }

    synchronized Properties facts() {
        return Objects.requireNonNull(head, "begun").facts();
    }

    synchronized long written() {
        return written;
    }

    /** Waits for what is known of the file; empty where it is not to be shared. */
    synchronized Optional<Head> awaitHead() throws InterruptedException {
        while (head == null && !ended) {
            wait();
        }
        return Optional.ofNullable(head);
    }

    /** Waits until nothing is done with it any more. */
    synchronized void awaitEnd() throws InterruptedException {
        while (!ended) {
            wait();
        }
    }

    /** Nothing is done with it any more; who still waits for bytes fails. */
    synchronized void end() {
        ended = true;
        if (!whole && failure == null) {
            failure = new IOException("the download broke off");
        }
        notifyAll();
    }

    /** Breaks it off. */
    synchronized void abort() {
        failure = new IOException("the proxy ends");
        notifyAll();
    }

    /**
     * Takes all that comes; on return it is on the disk, and new readers have to look for it where it is kept.
     *
     * @return the SHA-256 in hex
     */
    String take(InputStream content) throws IOException {
        Path file;
        long length;
        synchronized (this) {
            file = Objects.requireNonNull(part, "begun");
            length = Objects.requireNonNull(head, "begun").length();
        }
        MessageDigest digest = Downloads.digest("SHA-256");
        try (FileOutputStream output = new FileOutputStream(file.toFile())) {
            byte[] chunk = new byte[CHUNK];
            for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
                output.write(chunk, 0, read);
                Transfer.sum(chunk, read, List.of(digest));
                advance(read);
            }
            if (length >= 0 && written() != length) {
                throw new IOException("it broke off after " + written() + " of " + length + " bytes");
            }
            synchronized (this) {
                whole = true;
                notifyAll();
            }
            output.getFD().sync();
        } catch (IOException e) {
            synchronized (this) {
                failure = e;
                notifyAll();
            }
            throw e;
        }
        synchronized (this) {
            moved = true;
        }
        return Downloads.hex(digest);
    }

    private synchronized void advance(int count) throws IOException {
        if (failure != null) {
            throw failure;
        }
        written += count;
        notifyAll();
    }

    /** Reads from the beginning, waiting for what has not come yet; empty where the file has gone to its place, or broke off. */
    synchronized Optional<InputStream> follow() throws IOException {
        return moved || part == null || failure != null
                ? Optional.empty()
                : Optional.of(new Follower(FileChannel.open(part)));
    }

    /** How many bytes can be read; waits until there are more than so many, or all. */
    private synchronized long await(long more) throws IOException, InterruptedException {
        while (written <= more && !whole && failure == null) {
            wait();
        }
        if (written <= more && failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        return written;
    }

    private final class Follower extends InputStream {
        private final FileChannel file;
        private long at;

        Follower(FileChannel file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] into, int from, int count) throws IOException {
            try {
                long there = await(at);
                if (there == at) {
                    return -1;
                }
                int read = file.read(ByteBuffer.wrap(into, from, (int) Math.min(count, there - at)), at);
                at += Math.max(0, read);
                return read;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("ended by us", e);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
