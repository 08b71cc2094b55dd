package org.oz4j.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** A way to run commands and to put files in a running guest, as its administrator. Used by one thread. */
public interface GuestShell extends AutoCloseable {
    /**
     * What a command did.
     *
     * @param status its exit status; -1 where it was ended by a signal
     * @param output its standard output, as UTF-8, its last megabyte
     * @param errors its standard error output, likewise
     */
    record Result(int status, String output, String errors) {
        /** Its last lines, of both streams. */
        public List<String> lastLines(int count) {
            List<String> lines = Stream.concat(output.lines(), errors.lines()).toList();
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        }
    }

    /** How the guest's system is told what to do. */
    GuestDialect dialect();

    /**
     * Runs a command to its end.
     *
     * @param command text of the {@link #dialect}
     * @param limit after which the connection is given up
     * @param lines is told each line of both streams as it comes, on the calling thread
     * @throws org.oz4j.GuestUnreachableException where the connection breaks, or the limit is over
     */
    Result run(String command, Duration limit, Consumer<String> lines) throws InterruptedException;

    /**
     * Writes a file as {@link GuestDialect#write} tells.
     *
     * @param sent is told a few times a second how many bytes were sent so far, on the calling thread
     * @throws IOException where the content can't be read
     * @throws org.oz4j.GuestUnreachableException where it can't be written
     */
    void upload(InputStream content, String path, String mode, Duration limit, LongConsumer sent)
            throws IOException, InterruptedException;

    /** The same, untold. */
    default void upload(InputStream content, String path, String mode, Duration limit)
            throws IOException, InterruptedException {
        upload(content, path, mode, limit, sent -> {});
    }

    /**
     * Reads a file of the guest.
     *
     * @param path absolute
     * @param target gets its bytes, on another thread, and is not closed
     * @param received is told a few times a second how many bytes have come so far, on the calling thread
     * @throws IOException where the target takes no more
     * @throws org.oz4j.GuestUnreachableException where it can't be read; the target may have some of it then
     */
    void download(String path, OutputStream target, Duration limit, LongConsumer received)
            throws IOException, InterruptedException;

    /** Ends the connection. */
    @Override
    void close();
}
