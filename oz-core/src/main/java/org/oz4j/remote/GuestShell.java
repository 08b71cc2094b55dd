package org.oz4j.remote;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A way to run commands and to put files in a running guest, as root. Used by one thread. */
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

    /**
     * Runs a command to its end.
     *
     * @param command shell text: see {@link ShellWords} for words that come from elsewhere
     * @param limit after which the connection is given up
     * @param lines is told each line of both streams as it comes, on the calling thread
     * @throws org.oz4j.GuestUnreachableException where the connection breaks, or the limit is over
     */
    Result run(String command, Duration limit, Consumer<String> lines) throws InterruptedException;

    /**
     * Writes a file, in place of one that is there; one that is there keeps its mode and owner.
     *
     * @param path absolute
     * @param mode octal, as in {@code 0644}, of a new file
     * @throws org.oz4j.GuestUnreachableException where it can't be written
     */
    void upload(InputStream content, String path, String mode, Duration limit) throws IOException, InterruptedException;

    /** Ends the connection. */
    @Override
    void close();
}
