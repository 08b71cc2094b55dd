package org.oz4j.media;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;

/**
 * Answers a request with a kept file, or with a part of it.
 *
 * <p>Source: RFC 9110, chapters 13 (conditions) and 14 (ranges). Several ranges at once are answered with all of the file.
 */
final class KeptAnswer {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    private KeptAnswer() {}

    /** From one byte to another, both included. */
    private record Range(long from, long to) {}

    /**
     * Fills an answer.
     *
     * @param kept let go of once it is sent, or at once where nothing of it is sent
     * @return how many bytes are sent
     */
    static long give(Stored kept, Properties facts, ClassicHttpRequest request, ClassicHttpResponse answer, Instant now)
            throws IOException {
        CachePolicy.describe(answer, facts);
        answer.setHeader("Age", Long.toString(CachePolicy.age(facts, now)));
        boolean handedOn = false;
        try {
            if (CachePolicy.isKnown(facts, request)) {
                answer.setCode(304);
                return 0;
            }
            FileChannel file = FileChannel.open(kept.path());
            try {
                long size = file.size();
                Range range = new Range(0, size - 1);
                Optional<Matcher> wanted = wanted(request).filter(part -> CachePolicy.isOfSame(facts, request));
                if (wanted.isPresent()) {
                    Optional<Range> part = range(wanted.get(), size);
                    if (part.isEmpty()) {
                        answer.setCode(416);
                        answer.setHeader("Content-Range", "bytes */" + size);
                        return 0;
                    }
                    range = part.get();
                    answer.setHeader("Content-Range", "bytes " + range.from() + "-" + range.to() + "/" + size);
                }
                answer.setCode(wanted.isPresent() ? 206 : 200);
                long length = range.to() - range.from() + 1;
                file.position(range.from());
                answer.setEntity(new InputStreamEntity(new Held(file, kept), length, null));
                handedOn = true;
                return length;
            } finally {
                if (!handedOn) {
                    file.close();
                }
            }
        } finally {
            if (!handedOn) {
                kept.close();
            }
        }
    }

    /** The one range that is asked for. */
    private static Optional<Matcher> wanted(ClassicHttpRequest request) {
        Header header = request.getFirstHeader("Range");
        return Optional.ofNullable(header == null ? null : header.getValue())
                .map(value -> RANGE.matcher(value.replace(" ", "")))
                .filter(Matcher::matches)
                .filter(range -> !range.group(1).isEmpty() || !range.group(2).isEmpty());
    }

    /** Empty where the file has none of it. */
    private static Optional<Range> range(Matcher wanted, long size) {
        if (wanted.group(1).isEmpty()) {
            long last = Math.min(size, Long.parseLong(wanted.group(2)));
            return last == 0 ? Optional.empty() : Optional.of(new Range(size - last, size - 1));
        }
        long from = Long.parseLong(wanted.group(1));
        long to = wanted.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(wanted.group(2)));
        return from >= size || to < from ? Optional.empty() : Optional.of(new Range(from, to));
    }

    /** A kept file that is let go of with its stream. */
    private static final class Held extends FilterInputStream {
        private final Stored kept;

        Held(FileChannel file, Stored kept) {
            super(stream(file));
            this.kept = kept;
        }

        private static InputStream stream(FileChannel file) {
            return Channels.newInputStream(file);
        }

        @Override
        public void close() throws IOException {
            try (kept) {
                super.close();
            }
        }
    }
}
