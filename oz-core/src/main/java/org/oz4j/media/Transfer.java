package org.oz4j.media;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.LongConsumer;

import org.jspecify.annotations.Nullable;

/** Moves bytes from a server to a file, and sums them up on the way: reading, writing and summing overlap. */
final class Transfer {
    private static final int CHUNK = 1 << 18;
    private static final int CHUNKS = 8;
    private static final int BITE = 1 << 11;
    private static final int TELL = 1 << 20;
    private static final int FLUSH = 1 << 26;

    /** A full or last piece; one without bytes is the end. */
    private static final class Piece {
        final byte[] bytes;
        final int count;
        final @Nullable IOException failure;

        Piece(byte[] bytes, int count, @Nullable IOException failure) {
            this.bytes = bytes;
            this.count = count;
            this.failure = failure;
        }
    }

    /** Where the failing of the file, and not of the server, is told. */
    static final class FileFailure extends IOException {
        private static final long serialVersionUID = 1L;

        FileFailure(IOException cause) {
            super(cause.getMessage(), cause);
        }

        /** Whether the disk is full. */
        boolean isNoSpace() {
            String message = String.valueOf(getMessage());
            return message.contains("No space left") || message.contains("quota exceeded");
        }
    }

    private Transfer() {}

    /** Starts work that does not keep the program from ending. */
    static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /**
     * Appends all of a stream to a file, and has it on the disk on return.
     *
     * @param digests which see each byte
     * @param abort ends the stream; called where the thread is interrupted or the file fails
     * @return how many bytes came
     * @throws FileFailure where the file can't be written
     * @throws IOException where the stream fails
     */
    static long append(InputStream from, Path file, List<MessageDigest> digests, Runnable abort, LongConsumer told)
            throws IOException, InterruptedException {
        BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(CHUNKS);
        BlockingQueue<Piece> read = new ArrayBlockingQueue<>(CHUNKS);
        BlockingQueue<Piece> written = new ArrayBlockingQueue<>(CHUNKS);
        for (int i = 0; i < CHUNKS; i++) {
            free.add(new byte[CHUNK]);
        }
        Thread reader = daemon("oz-read", () -> readAll(from, free, read));
        Thread summer = daemon("oz-sum", () -> sumAll(written, free, digests));
        boolean good = false;
        try (FileOutputStream output = open(file)) {
            long done = 0;
            long last = 0;
            long flushed = 0;
            CompletableFuture<Void> flush = CompletableFuture.completedFuture(null);
            Piece piece = read.take();
            for (; piece.count > 0; piece = read.take()) {
                write(output, piece);
                done += piece.count;
                written.put(piece);
                if (done - last >= TELL) {
                    last = done;
                    told.accept(done);
                }
                if (done - flushed >= FLUSH && flush.isDone()) { // so that little is left to wait for at the end
                    flushed = done;
                    end(flush);
                    flush = flush(output);
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            end(flush); // the kernel tells a failure but once, perhaps to this one
            sync(output);
            if (piece.failure != null) {
                throw new IOException(piece.failure.getMessage(), piece.failure);
            }
            written.put(piece);
            summer.join();
            told.accept(done);
            good = true;
            return done;
        } finally {
            if (!good) {
                abort.run();
                summer.interrupt();
                reader.interrupt();
            }
        }
    }

    private static FileOutputStream open(Path file) throws FileFailure {
        try {
            // not a channel: an interrupt would close it between two writes
            return new FileOutputStream(file.toFile(), true);
        } catch (IOException e) {
            throw new FileFailure(e);
        }
    }

    private static void write(OutputStream output, Piece piece) throws FileFailure {
        try {
            output.write(piece.bytes, 0, piece.count);
        } catch (IOException e) {
            throw new FileFailure(e);
        }
    }

    private static void sync(FileOutputStream output) throws FileFailure {
        try {
            output.getFD().sync();
        } catch (IOException e) {
            throw new FileFailure(e);
        }
    }

    /** Begins to bring to the disk what is written so far. */
    private static CompletableFuture<Void> flush(FileOutputStream output) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        sync(output);
                    } catch (FileFailure e) {
                        throw new CompletionException(e);
                    }
                },
                task -> daemon("oz-flush", task));
    }

    private static void end(CompletableFuture<Void> flush) throws FileFailure, InterruptedException {
        try {
            flush.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof FileFailure failure
                    ? failure
                    : new FileFailure(new IOException(e.getCause()));
        }
    }

    private static void readAll(InputStream from, BlockingQueue<byte[]> free, BlockingQueue<Piece> to) {
        try {
            while (true) {
                byte[] chunk = free.take();
                int count = 0;
                try {
                    for (int more = 0; more >= 0 && count < chunk.length; count += Math.max(0, more)) {
                        more = from.read(chunk, count, chunk.length - count);
                    }
                } catch (IOException | RuntimeException e) { // the client's pool throws the latter once it is aborted
                    if (count > 0) {
                        to.put(new Piece(chunk, count, null));
                    }
                    to.put(new Piece(new byte[0], 0, e instanceof IOException known ? known : new IOException(e)));
                    return;
                }
                to.put(new Piece(chunk, count, null));
                if (count == 0) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // the writer has given up
        }
    }

    /**
     * Has digests see the first bytes of a piece. In small bites: the JVM takes the processor's instructions for sums
     * once this was called some thousand times. And without an object that is made on the way, such as an iterator:
     * HotSpot blanks a new object through a wide register, which leaves the processor in a state in which those
     * instructions take up to eight times as long.
     */
    static void sum(byte[] bytes, int count, List<MessageDigest> digests) {
        for (int i = 0; i < digests.size(); i++) {
            MessageDigest digest = digests.get(i);
            for (int at = 0; at < count; at += BITE) {
                digest.update(bytes, at, Math.min(BITE, count - at));
            }
        }
    }

    private static void sumAll(BlockingQueue<Piece> from, BlockingQueue<byte[]> free, List<MessageDigest> digests) {
        try {
            for (Piece piece = from.take(); piece.count > 0; piece = from.take()) {
                sum(piece.bytes, piece.count, digests);
                free.put(piece.bytes);
            }
        } catch (InterruptedException e) {
            // the writer has given up
        }
    }
}
