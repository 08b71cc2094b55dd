package org.oz4j;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an image was made of. It holds no secret, and no sum that a password could be guessed from.
 *
 * @param name the template's name
 * @param os the release that was installed, as in {@code Debian 13}
 * @param arch the guest's architecture
 * @param toolVersion the version of this library that installed it
 * @param installed when the image was published
 * @param media what the installer was fetched from
 * @param templateSha256 the SHA-256, in hex, of what the template says of the system and its packages, with secrets masked
 * @param answersSha256 the SHA-256, in hex, of the answer file that was written for it, with secrets masked; empty for one
 *     of the user's own, of which nobody knows what is secret in it
 */
public record Provenance(
        String name,
        String os,
        String arch,
        String toolVersion,
        Instant installed,
        List<Medium> media,
        String templateSha256,
        Optional<String> answersSha256) {
    /** Copies the list. */
    public Provenance {
        media = List.copyOf(media);
    }

    /**
     * A file that the installer came from: an ISO image, a kernel, or a file that tells the state of an install tree.
     *
     * @param location its address, without accounts and tokens; of a file of the host its name alone
     * @param sha256 its SHA-256 in hex
     */
    public record Medium(String location, String sha256) {}

    /** The version of this library, as its jar tells; {@code development} where it runs out of no jar. */
    public static String libraryVersion() {
        return Objects.requireNonNullElse(Provenance.class.getPackage().getImplementationVersion(), "development");
    }
}
