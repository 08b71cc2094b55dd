package org.oz4j.spi;

/**
 * A password, hashed and in clear; it never shows itself.
 *
 * <p>Answer files take {@link #sha512Crypt()} where the installer allows, {@link #clearText()} only where it must.
 */
public final class RootPassword {
    private final String clearText;
    private final String sha512Crypt;

    /**
     * Pairs a password with its hash.
     *
     * @param sha512Crypt in the form {@code $6$salt$hash} of crypt(3)
     */
    public RootPassword(String clearText, String sha512Crypt) {
        this.clearText = clearText;
        this.sha512Crypt = sha512Crypt;
    }

    /** The hash, in the form {@code $6$salt$hash} of crypt(3). */
    public String sha512Crypt() {
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
