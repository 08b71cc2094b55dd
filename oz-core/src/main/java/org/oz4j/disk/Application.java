package org.oz4j.disk;

import java.util.Optional;

import org.oz4j.Icicle;

/**
 * An installed package, read from the package manager's database; a text is empty where it is not known.
 *
 * @param name its name
 * @param epoch its version's epoch; 0 where there is none
 * @param version its version, without epoch and release
 * @param release its release, where the package manager has such
 * @param arch its architecture, in the package manager's own word
 * @param source the package that it was built from
 * @param vendor who made it
 * @param url where it comes from
 * @param summary what it is, in a line
 */
public record Application(
        String name,
        int epoch,
        String version,
        String release,
        String arch,
        String source,
        String vendor,
        String url,
        String summary) {
    /** The same as a package of a list. */
    public Icicle.Item item() {
        return new Icicle.Item(
                name,
                fullVersion(),
                arch,
                told(source).map(text -> new Icicle.Source(text, "")),
                told(vendor),
                Optional.empty(),
                Optional.empty(),
                told(url),
                Optional.empty());
    }

    private static Optional<String> told(String text) {
        return Optional.of(text).filter(known -> !known.isBlank());
    }

    /** Epoch, version and release, as package managers write them: {@code 1:2.3-4}. */
    public String fullVersion() {
        return (epoch == 0 ? "" : epoch + ":") + version + (release.isEmpty() ? "" : "-" + release);
    }
}
