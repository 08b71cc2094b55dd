package org.oz4j;

import org.jspecify.annotations.Nullable;

/** A running guest could not be reached by ssh, was lost, or was not the one that was expected. */
public final class GuestUnreachableException extends OzException {
    private static final long serialVersionUID = 1L;

    /** Makes an exception; see {@link OzException}. */
    public GuestUnreachableException(String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(problem, remedy, cause);
    }
}
