package org.oz4j.icicle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.Icicle;
import org.oz4j.Provenance;

/**
 * Writes a manifest as a software bill of materials. The same manifest, provenance and time give the same text, byte for
 * byte: even its serial number is made of them.
 */
public final class SbomWriter {
    /** What wrote it. */
    static final String TOOL = "Oz for Java";

    private SbomWriter() {}

    /**
     * The manifest in CycloneDX 1.6, as JSON.
     *
     * @param provenance what the image was made of; becomes the formulation
     * @param now the time of writing
     */
    public static String cycloneDx(Icicle icicle, Optional<Provenance> provenance, Instant now) {
        return new CycloneDx(icicle, provenance).write(serial(icicle, provenance, now), now);
    }

    /**
     * The manifest in SPDX 2.3, as JSON.
     *
     * @param provenance what the image was made of; becomes packages that the system was generated from
     * @param now the time of writing
     */
    public static String spdx(Icicle icicle, Optional<Provenance> provenance, Instant now) {
        return new Spdx(icicle, provenance).write(serial(icicle, provenance, now), now);
    }

    /** A UUID (version 8 of RFC 9562) made of all that is written. */
    private static UUID serial(Icicle icicle, Optional<Provenance> provenance, Instant now) {
        String all = IcicleJson.write(icicle, provenance) + Provenance.libraryVersion() + " " + now;
        ByteBuffer sum = ByteBuffer.wrap(DigestUtils.sha256(all.getBytes(StandardCharsets.UTF_8)));
        return new UUID(
                (sum.getLong() & 0xffff_ffff_ffff_0fffL) | 0x8000L,
                (sum.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
    }
}
