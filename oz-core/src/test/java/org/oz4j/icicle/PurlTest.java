package org.oz4j.icicle;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Icicle;

import static org.assertj.core.api.Assertions.assertThat;

/** The examples are those of the types' definitions, as far as there are some. */
class PurlTest {
    @ParameterizedTest
    @CsvSource({
        "Debian, 12, deb, curl, 7.88.1-10, amd64, '', '', pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12",
        "Debian, 12, deb, attr, 1:2.4.47-2+b1, amd64, attr, 1:2.4.47-2,"
                + " pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-12&upstream=attr%401:2.4.47-2",
        "Debian, 12, deb, libc6:i386, 2.36-9, i386, glibc, 2.36-9,"
                + " pkg:deb/debian/libc6@2.36-9?arch=i386&distro=debian-12&upstream=glibc",
        "Debian, 12, deb, libstdc++6:amd64, 12.2.0-14~x, amd64, '', '',"
                + " pkg:deb/debian/libstdc%2B%2B6@12.2.0-14~x?arch=amd64&distro=debian-12",
        "Fedora, 25, rpm, curl, 7.50.3-1.fc25, i386, '', '',"
                + " pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25",
        "Fedora, 25, rpm, Centerim, 1:4.22.10-1.el6, i686, centerim-4.22.10-1.el6.src.rpm, '',"
                + " pkg:rpm/fedora/Centerim@4.22.10-1.el6?arch=i686&distro=fedora-25&epoch=1"
                + "&upstream=centerim-4.22.10-1.el6.src.rpm",
        "Alpine, 3.20, apk, libCurl, 7.83.0-r0, x86, curl, 7.83.0-r0,"
                + " pkg:apk/alpine/libcurl@7.83.0-r0?arch=x86&distro=alpine-3.20&upstream=curl",
        "Tiny Linux, 1, generic, a b/c, 1, '', '', '', pkg:generic/tiny-linux/a%20b%2Fc@1?distro=tiny-linux-1"
    })
    void isWhatTheTypesDefinitionSays(
            String os,
            String release,
            String type,
            String name,
            String version,
            String arch,
            String source,
            String sourceVersion,
            String purl) {
        Icicle.Item item = new Icicle.Item(
                name,
                version,
                arch,
                source.isEmpty() ? Optional.empty() : Optional.of(new Icicle.Source(source, sourceVersion)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        assertThat(Purl.of(Optional.of(new Icicle.Os(os, release, "x86_64", type)), item))
                .isEqualTo(purl);
    }

    @Test
    void ofAnUnknownSystemIsGeneric() {
        assertThat(Purl.of(Optional.empty(), new Icicle.Item("é", "", ""))).isEqualTo("pkg:generic/%C3%A9");
    }
}
