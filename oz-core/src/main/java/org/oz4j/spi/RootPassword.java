package org.oz4j.spi;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A password, hashed and in clear; it never shows itself.
 *
 * <p>Answer files take {@link #sha512Crypt()} where the installer allows, {@link #clearText()} only where it must.
 */
public final class RootPassword {
    private final String clearText;
    private final Supplier<String> hash;
    private @Nullable String sha512Crypt;

    /**
     * Pairs a password with its hash.
     *
     * @param sha512Crypt in the form {@code $6$salt$hash} of crypt(3)
     */
    public RootPassword(String clearText, String sha512Crypt) {
        this(clearText, () -> sha512Crypt);
    }

    private RootPassword(String clearText, Supplier<String> hash) {
        this.clearText = clearText;
        this.hash = hash;
    }

    /** Pairs a password with a hash that is made the first time that an answer file wants it, which takes some milliseconds. */
    public static RootPassword hashedLater(String clearText, Supplier<String> sha512Crypt) {
        return new RootPassword(clearText, sha512Crypt);
    }

    /** The hash, in the form {@code $6$salt$hash} of crypt(3). */
    public synchronized String sha512Crypt() {
        if (sha512Crypt == null) {
            sha512Crypt = hash.get();
        }
        return sha512Crypt;
    }

    /** The password itself. */
    public String clearText() {
        return clearText;
    }

    /** Stars. */
    @Override
    public String toString() {
        return "********";
    }
}
