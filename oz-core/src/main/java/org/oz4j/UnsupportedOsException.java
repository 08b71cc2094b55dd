package org.oz4j;

import org.jspecify.annotations.Nullable;

/** A template asks for an operating system, or for something of it, that no plugin offers. */
public final class UnsupportedOsException extends OzException {
    private static final long serialVersionUID = 1L;

    private final String os;

    /**
     * Makes an exception.
     *
     * @param os the name, version and arch asked for, as in {@code Debian 13 x86_64}
     * @param problem what is not offered
     * @param remedy what is offered instead, or null
     */
    public UnsupportedOsException(String os, String problem, @Nullable String remedy) {
        super(problem, remedy, null);
        this.os = os;
    }

    /** The name, version and arch asked for. */
    public String os() {
        return os;
    }
}
