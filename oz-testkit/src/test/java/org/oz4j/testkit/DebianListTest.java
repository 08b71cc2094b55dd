package org.oz4j.testkit;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.oz4j.Arch;
import org.oz4j.DiskException;
import org.oz4j.Icicle;
import org.oz4j.disk.Attributes;
import org.oz4j.host.Commands;
import org.oz4j.os.debian.DebianPlugin;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.PackageManager;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Debian's packages, read out of an image's files. */
class DebianListTest {
    private static final Path STATUS = Path.of("/var/lib/dpkg/status");
    private static final Path INFO = Path.of("/var/lib/dpkg/info");

    private final FakeGuestFilesystem files = FakeGuestFilesystem.empty();

    private static PackageManager apt() {
        DebianPlugin plugin = new DebianPlugin();
        OsRelease release = plugin.releases().stream()
                .filter(one -> one.version().equals("13"))
                .findFirst()
                .orElseThrow();
        URI tree = URI.create("http://mirror.example.org/debian");
        return plugin.profile(new ProfileRequest(
                        Template.builder("web", "Debian", "13", Arch.X86_64)
                                .url(tree)
                                .build(),
                        release,
                        MediaFacts.none(),
                        tree,
                        new RootPassword("secret", "$6$salt$hash"),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        "00112233445566778899aabbccddeeff"))
                .packages()
                .orElseThrow();
    }

    private void folders(String... paths) throws InterruptedException {
        for (String path : paths) {
            files.mkdir(path, new Attributes(0755, 0, 0));
        }
    }

    @Test
    void theFilesOfTheHostTellWhatItsDpkgTells() throws Exception {
        assumeTrue(Files.isReadable(STATUS), "the host is no Debian");
        folders("/var", "/var/lib", "/var/lib/dpkg", "/var/lib/dpkg/info");
        files.write("/var/lib/dpkg/status", Files.readAllBytes(STATUS), new Attributes(0644, 0, 0));
        try (Stream<Path> lists = Files.list(INFO)) {
            for (Path list :
                    lists.filter(each -> each.toString().endsWith(".list")).toList()) {
                files.write(
                        list.toString(),
                        new byte[0],
                        new Attributes(
                                0644,
                                0,
                                0,
                                Map.of(),
                                Optional.of(Files.getLastModifiedTime(list).toInstant())));
            }
        }
        PackageManager apt = apt();
        List<Icicle.Item> told = Commands.run(apt.list(), Duration.ofMinutes(1))
                .output()
                .lines()
                .flatMap(line -> apt.item(line).stream())
                .toList();

        List<Icicle.Item> read = apt.installed(files);

        assertThat(read.stream().map(DebianListTest::inWholeSeconds).toList())
                .isNotEmpty()
                .isEqualTo(told);
    }

    private static Icicle.Item inWholeSeconds(Icicle.Item item) {
        return new Icicle.Item(
                item.name(),
                item.version(),
                item.arch(),
                item.source(),
                item.vendor(),
                item.licence(),
                item.installed().map(time -> Instant.ofEpochSecond(time.getEpochSecond())),
                item.homepage(),
                item.extra());
    }

    @Test
    void packagesThatAreNotWhollyInstalledAreLeftOut() throws Exception {
        folders("/var", "/var/lib", "/var/lib/dpkg");
        files.write(
                "/var/lib/dpkg/status",
                """
                Package: dpkg
                Status: install ok installed
                Architecture: amd64
                Version: 1.22.21
                Description: package manager
                 Package: in-a-description

                Package: removed
                Status: deinstall ok config-files
                Architecture: amd64
                Version: 1

                Package: libfoo
                Status: hold ok installed
                Architecture: i386
                Source: foo (2:1.0)
                Version: 2:1.0+b1
                """);

        assertThat(apt().installed(files))
                .extracting(Icicle.Item::name, Icicle.Item::version)
                .containsExactly(tuple("dpkg", "1.22.21"), tuple("libfoo:i386", "2:1.0+b1"));
        assertThat(apt().installed(files).get(1).source()).contains(new Icicle.Source("foo", "2:1.0"));
    }

    @Test
    void anImageWithoutDpkgIsNoEmptyList() {
        assertThatThrownBy(() -> apt().installed(files))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(STATUS.toString());
    }
}
