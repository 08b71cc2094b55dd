package org.oz4j.icicle;

import java.time.Instant;
import java.util.Optional;

import org.oz4j.Icicle;
import org.oz4j.Provenance;

/** The formats of a manifest. */
public enum IcicleFormat {
    /** The XML of the Python tool, with more attributes: {@link IcicleXml}. */
    ICICLE("ICICLE XML"),
    /** CycloneDX 1.6, as JSON. */
    CYCLONEDX("CycloneDX"),
    /** SPDX 2.3, as JSON. */
    SPDX("SPDX"),
    /** JSON of our own. */
    JSON("JSON");

    private final String title;

    IcicleFormat(String title) {
        this.title = title;
    }

    /** Its name for people. */
    public String title() {
        return title;
    }

    /**
     * Writes a manifest. The same arguments give the same text.
     *
     * @param provenance what the image was made of; {@link #ICICLE} has no place for it
     * @param now the time of writing
     */
    public String write(Icicle icicle, Optional<Provenance> provenance, Instant now) {
        return switch (this) {
            case ICICLE -> IcicleXml.write(icicle, true);
            case CYCLONEDX -> SbomWriter.cycloneDx(icicle, provenance, now);
            case SPDX -> SbomWriter.spdx(icicle, provenance, now);
            case JSON -> IcicleJson.write(icicle, provenance);
        };
    }

    /**
     * Reads a manifest in any of the formats but SPDX, which tells less of a package than the others; of CycloneDX the
     * packages alone.
     *
     * @throws IllegalArgumentException where it is none
     */
    public static Icicle read(String text) {
        return text.stripLeading().startsWith("{") ? IcicleJson.read(text) : IcicleXml.read(text);
    }
}
