package org.oz4j.media;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.MediaException;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class MediaIdentityTest {
    @TempDir
    Path folder;

    /** A file of a medium, and what it says. */
    record Case(String path, String text, String title) {}

    static Stream<Case> media() {
        return Stream.of(
                new Case(
                        ".treeinfo",
                        """
                        [general]
                        name = Fedora 41
                        family = Fedora
                        version = 41
                        arch = x86_64
                        variant = Server
                        [release]
                        name = Fedora
                        short = Fedora
                        version = 41
                        [tree]
                        arch = x86_64
                        """,
                        "Fedora 41 Server x86_64"),
                new Case(
                        ".treeinfo",
                        """
                        [general]
                        family = CentOS
                        version = 7
                        arch = x86_64
                        variant =
                        """,
                        "CentOS 7 x86_64"),
                new Case(
                        ".treeinfo",
                        """
                        ; made by productmd
                        [release]
                        name = Red Hat Enterprise Linux
                        version = 9.4
                        [tree]
                        arch = aarch64
                        variants = BaseOS,AppStream
                        """,
                        "RHEL 9.4 BaseOS aarch64"),
                new Case(".discinfo", "1417653453.026288\nFedora Server 21\nx86_64\nALL\n", "Fedora Server 21 x86_64"),
                new Case(
                        ".disk/info",
                        "Debian GNU/Linux 13.1.0 \"Trixie\" - Official amd64 NETINST with firmware 20250906-10:22",
                        "Debian 13.1.0 NETINST x86_64"),
                new Case(
                        ".disk/info",
                        "Ubuntu-Server 24.04.1 LTS \"Noble Numbat\" - Release amd64 (20240827)",
                        "Ubuntu 24.04.1 Server x86_64"),
                new Case(".disk/info", "Ubuntu 22.04 \"Jammy\" - Release arm64 (2022)", "Ubuntu 22.04 aarch64"),
                new Case("arch/version", "2024.06.01\n", "Arch 2024.06.01 x86_64"));
    }

    private Path iso(String label, Map<String, String> files) throws Exception {
        Path iso = folder.resolve("medium.iso");
        Map<String, byte[]> content = new java.util.HashMap<>();
        files.forEach((path, text) -> content.put(path, text.getBytes(StandardCharsets.UTF_8)));
        Files.deleteIfExists(iso);
        IsoWriter.write(iso, label, content);
        return iso;
    }

    @ParameterizedTest
    @MethodSource("media")
    void mediaAreToldByTheirFiles(Case one) throws Exception {
        Path iso = iso("LABEL", Map.of(one.path(), one.text()));

        MediaIdentity identity = MediaIdentity.of(iso).orElseThrow();

        assertThat(identity.title()).isEqualTo(one.title());
        assertThat(identity.source()).isEqualTo(one.path());
        assertThat(identity.label()).isEqualTo("LABEL");
        assertThat(identity.boots()).isEmpty();
        Template template = Template.parse(identity.template(iso).toXml());
        assertThat(template.os().install().location()).isEqualTo(iso.toUri());
    }

    @Test
    void whatSaysNothingIsNotRecognised() throws Exception {
        assertThat(MediaIdentity.of(iso("DATA", Map.of("readme", "hello")))).isEmpty();
        assertThat(MediaIdentity.of(iso("DATA", Map.of(".treeinfo", "[", ".disk/info", "", ".discinfo", "1\n2"))))
                .isEmpty();
        Path none = Files.writeString(folder.resolve("none.iso"), "no image");
        MediaException failure = catchThrowableOfType(MediaException.class, () -> MediaIdentity.of(none));
        assertThat(failure.kind()).isEqualTo(MediaException.Kind.BAD_FORMAT);
    }

    @Test
    void aMediumFitsThePointReleasesOfItsRelease() throws Exception {
        MediaIdentity debian = MediaIdentity.of(
                        iso("x", Map.of(".disk/info", "Debian GNU/Linux 13.1.0 \"Trixie\" - Official amd64 NETINST")))
                .orElseThrow();

        assertThat(debian.fits("Debian", List.of("trixie", "13"), Arch.X86_64)).isTrue();
        assertThat(debian.fits("Debian", List.of("bookworm", "12"), Arch.X86_64))
                .isFalse();
        assertThat(debian.fits("Debian", List.of("1"), Arch.X86_64)).isFalse();
        assertThat(debian.fits("Debian", List.of("13"), Arch.AARCH64)).isFalse();
        assertThat(debian.fits("Ubuntu", List.of("13"), Arch.X86_64)).isFalse();
        assertThat(debian.template(Path.of("/srv/x.iso")).os().version()).isEqualTo("13");
    }
}
