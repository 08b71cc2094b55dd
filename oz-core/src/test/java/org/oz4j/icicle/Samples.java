package org.oz4j.icicle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import org.oz4j.Icicle;
import org.oz4j.Provenance;

/** A manifest with all that there is, and what its image was made of. */
final class Samples {
    static final Instant NOW = Instant.parse("2026-05-06T07:08:09.123Z");

    static final Icicle.Os DEBIAN = new Icicle.Os("Debian", "12", "x86_64", "deb");
    static final Icicle.Os FEDORA = new Icicle.Os("Fedora", "25", "x86_64", "rpm");

    static final Provenance PROVENANCE = new Provenance(
            "web",
            "Debian 12",
            "x86_64",
            "0.1.0",
            Instant.parse("2026-05-06T06:00:00.5Z"),
            List.of(
                    new Provenance.Medium("http://deb.example.org/debian/dists/bookworm/Release", "a".repeat(64)),
                    new Provenance.Medium("netinst.iso", "b".repeat(64))),
            "c".repeat(64),
            Optional.of("d".repeat(64)));

    private Samples() {}

    static Icicle icicle() {
        return new Icicle(
                Optional.of("A web server & more"),
                Optional.of(DEBIAN),
                List.of(
                        item("adduser", "3.134", "all", "adduser", "3.134", "Debian Adduser <adduser@example.org>"),
                        new Icicle.Item(
                                "curl",
                                "7.88.1-10",
                                "amd64",
                                Optional.of(new Icicle.Source("curl", "7.88.1-10")),
                                Optional.of("Zoë Ångström <zoe@example.org>"),
                                Optional.of("curl, and \"others\""),
                                Optional.of(Instant.parse("2026-05-06T06:01:02Z")),
                                Optional.of("https://curl.example.org/"),
                                Optional.of("ii <ok>")),
                        new Icicle.Item(
                                "libc6:amd64",
                                "2.36-9",
                                "amd64",
                                Optional.of(new Icicle.Source("glibc", "2.36-9")),
                                Optional.of("Makers of C"),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("not an address"),
                                Optional.empty()),
                        item("libc6:i386", "2.36-9", "i386", "glibc", "2.36-9", "Makers of C"),
                        item("libstdc++6:amd64", "1:12.2.0-14+b1", "amd64", "gcc-12", "12.2.0-14~x", "Makers of C"),
                        new Icicle.Item("mystery", "", "")));
    }

    static Icicle.Item item(String name, String version, String arch, String source, String from, String vendor) {
        return new Icicle.Item(
                name,
                version,
                arch,
                Optional.of(new Icicle.Source(source, from)),
                Optional.of(vendor),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static String golden(String name) throws IOException {
        try (InputStream stream = Objects.requireNonNull(Samples.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
