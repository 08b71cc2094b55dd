package org.oz4j.media;

import java.util.Locale;

/**
 * What a file's content must sum up to.
 *
 * @param algorithm Java's name of the algorithm, such as {@code SHA-256}
 * @param hex the sum in hex, in lower case
 */
public record Checksum(String algorithm, String hex) {
    /** Lowers the case. */
    public Checksum {
        hex = hex.toLowerCase(Locale.ROOT);
    }
}
