package org.oz4j.spi;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.Icicle;

/** What a package manager can tell of a package, as fields of a line that are separated by tabs. */
public enum PackageField {
    /** Its name. */
    NAME,
    /** Its version, with epoch and release. */
    VERSION,
    /** Its architecture. */
    ARCH,
    /** The name of its source package. */
    SOURCE,
    /** The version of its source package. */
    SOURCE_VERSION,
    /** Its vendor or maintainer. */
    VENDOR,
    /** Its licence. */
    LICENCE,
    /** When it was installed, in seconds since 1970. */
    INSTALLED,
    /** The address of its project's pages. */
    HOMEPAGE;

    /**
     * Reads a line. Fields that are missing or blank tell nothing, and neither does a time that is none.
     *
     * @param fields what the line's fields are, in their order
     * @return empty where the line has no name
     */
    public static Optional<Icicle.Item> read(List<PackageField> fields, String line) {
        String[] texts = line.split("\t", -1);
        Map<PackageField, String> told = new EnumMap<>(PackageField.class);
        for (int i = 0; i < Math.min(texts.length, fields.size()); i++) {
            if (!texts[i].isBlank()) {
                told.put(fields.get(i), texts[i].strip());
            }
        }
        if (!told.containsKey(NAME)) {
            return Optional.empty();
        }
        return Optional.of(new Icicle.Item(
                told.getOrDefault(NAME, ""),
                told.getOrDefault(VERSION, ""),
                told.getOrDefault(ARCH, ""),
                Optional.ofNullable(told.get(SOURCE))
                        .map(name -> new Icicle.Source(name, told.getOrDefault(SOURCE_VERSION, ""))),
                Optional.ofNullable(told.get(VENDOR)),
                Optional.ofNullable(told.get(LICENCE)),
                Optional.ofNullable(told.get(INSTALLED)).flatMap(PackageField::time),
                Optional.ofNullable(told.get(HOMEPAGE)),
                Optional.empty()));
    }

    private static Optional<Instant> time(String seconds) {
        try {
            return Optional.of(Long.parseLong(seconds))
                    .filter(number -> number > 0)
                    .map(Instant::ofEpochSecond);
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }
}
