package org.oz4j;

import java.net.URI;

import org.jspecify.annotations.Nullable;

/** An install medium can't be fetched, verified, read or made. */
public final class MediaException extends OzException {
    private static final long serialVersionUID = 1L;

    /** What is wrong with the medium. */
    public enum Kind {
        /** The server can't be reached, or broke off more often than we retry. */
        UNREACHABLE(true),
        /** The server answers, but has no such file (or won't give it). */
        NOT_FOUND(false),
        /** The server answers something that HTTP does not allow, or an error of its own. */
        SERVER_ERROR(true),
        /** What came is not what the checksum promised. */
        CHECKSUM_MISMATCH(true),
        /** What came was not signed by whom it should be. */
        BAD_SIGNATURE(false),
        /** What came is shorter or longer than announced. */
        SIZE_MISMATCH(true),
        /** What came is larger than it may be. */
        TOO_LARGE(false),
        /** The disk that holds the cache is full. */
        NO_SPACE(false),
        /** The file can't be read as what it should be. */
        BAD_FORMAT(false),
        /** It is a medium of another system than the template names. */
        WRONG_MEDIUM(false),
        /** The cache can't be read or written. */
        CACHE(false);

        private final boolean retryable;

        Kind(boolean retryable) {
            this.retryable = retryable;
        }
    }

    private final Kind kind;
    private final URI medium;

    /** Makes an exception about that medium. */
    public MediaException(Kind kind, URI medium, String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(problem, remedy, cause);
        this.kind = kind;
        this.medium = medium;
    }

    /** What is wrong. */
    public Kind kind() {
        return kind;
    }

    /** The medium, without any user name or password that its address held. */
    public URI medium() {
        return medium;
    }

    @Override
    public boolean isRetryable() {
        return kind.retryable;
    }
}
