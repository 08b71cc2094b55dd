package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** A kind of server that has files. */
interface Remote {
    /** The key of a file's strong version tag, as HTTP's ETag. */
    String ETAG = "etag";
    /** The key of the time at which a file was changed last, in the server's own words. */
    String MODIFIED = "modified";

    /** Begins to talk about a file; nothing is sent yet. */
    Call call(URI location);

    /**
     * A file that comes.
     *
     * @param body its bytes; ends with an {@link IOException} where the server breaks off
     * @param from which byte of the file the body begins with
     * @param total the bytes of the whole file; -1 where the server does not say
     * @param version what the server says that tells this version of the file from others
     */
    record Answer(InputStream body, long from, long total, Properties version) {}

    /** One talk with a server; used by one thread, but for {@link #abort}. */
    interface Call extends AutoCloseable {
        /**
         * Asks for a file.
         *
         * @param have how many bytes of it are there already
         * @param version the version that those are of
         * @return empty where the server has no such file; it begins with what is asked for, or with byte 0
         * @throws IOException where another try may help
         */
        Optional<Answer> open(long have, Properties version) throws IOException;

        /** Whether the server says that the file still is that version. */
        boolean isStill(Properties version) throws IOException;

        /**
         * What is in a folder: the names of files, and of folders with a slash at their end. Links are left out.
         *
         * @throws org.oz4j.MediaException where there is none, the server can't say, or a name leads out of it
         */
        List<String> list() throws IOException;

        /** Ends the talk at once; what waits for the server fails. Any thread may call it. */
        void abort();

        @Override
        void close();
    }
}
