package org.oz4j.os.answers;

import org.oz4j.UnsupportedOsException;

/** Makes the exceptions for values that an installer has no form for. */
public final class Refusal {
    private Refusal() {}

    /**
     * One that says that the installer can't be told a value.
     *
     * @param os the system
     * @param what what the value is, such as {@code the full name of ann}; no secret
     */
    public static UnsupportedOsException of(String os, String what, String why) {
        return new UnsupportedOsException(
                os, "The installer of " + os + " can't be told " + what + ": " + why, "Take another one");
    }
}
