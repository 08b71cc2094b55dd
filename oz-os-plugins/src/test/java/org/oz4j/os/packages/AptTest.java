package org.oz4j.os.packages;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Icicle;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class AptTest {
    private final Apt apt = new Apt("trixie");

    @Test
    void tellsAptWhatToDoAsArgumentVectors() {
        assertThat(apt.repositoryFiles(new Repository("mine", "http://r.example.com/debian", false, true, false)))
                .containsOnly(Map.entry(
                        "/etc/apt/sources.list.d/mine.list",
                        "deb [trusted=yes] http://r.example.com/debian trixie main\n"));
        assertThat(apt.repositoryFiles(
                        new Repository("it's $(mine)", "https://u@r.example.com/d stable x", true, true, false)))
                .containsOnly(
                        Map.entry(
                                "/etc/apt/sources.list.d/it_s___mine_-" + Integer.toHexString("it's $(mine)".hashCode())
                                        + ".list",
                                "deb https://u@r.example.com/d stable x\n"),
                        Map.entry(
                                "/etc/apt/apt.conf.d/90oz-it_s___mine_-"
                                        + Integer.toHexString("it's $(mine)".hashCode()),
                                """
                                Acquire::https::r.example.com::Verify-Peer "false";
                                Acquire::https::r.example.com::Verify-Host "false";
                                """));
        assertThat(apt.install(List.of(
                        new PackageRequest("vim", Optional.empty(), Optional.empty(), Optional.empty()),
                        new PackageRequest("git", Optional.empty(), Optional.empty(), Optional.of("--no-upgrade")))))
                .containsExactly(List.of(
                        "apt-get",
                        "-q",
                        "-y",
                        "-o",
                        "DPkg::Lock::Timeout=120",
                        "install",
                        "--no-upgrade",
                        "--",
                        "vim",
                        "git"));
    }

    @Test
    void readsWhatDpkgTellsOfAPackage() {
        assertThat(apt.item(
                        "installed\tlibstdc++6:amd64\t14.2.0-19+b1\tamd64\tgcc-14\t14.2.0-19\tDebian GCC Maintainers"
                                + " <gcc@example.org>\t1747699200\thttp://gcc.gnu.org/"))
                .contains(new Icicle.Item(
                        "libstdc++6:amd64",
                        "14.2.0-19+b1",
                        "amd64",
                        Optional.of(new Icicle.Source("gcc-14", "14.2.0-19")),
                        Optional.of("Debian GCC Maintainers <gcc@example.org>"),
                        Optional.empty(),
                        Optional.of(Instant.parse("2025-05-20T00:00:00Z")),
                        Optional.of("http://gcc.gnu.org/"),
                        Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"config-files", "unpacked", "half-installed", "not-installed"})
    void whatIsNotInstalledIsNoPackage(String status) {
        assertThat(apt.item(status + "\tcurl\t1\tamd64")).isEmpty();
    }

    private static List<String> run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var output = process.getInputStream()) {
            return new String(output.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    @Test
    void theHostsDpkgTellsItsPackagesByTheNamesThatItPrintsByDefault() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg-query")), "dpkg-query is not installed");
        List<Icicle.Item> items = run(apt.list()).stream()
                .map(apt::item)
                .flatMap(Optional::stream)
                .toList();
        List<String> installed =
                run(List.of("dpkg-query", "-W", "-f=${db:Status-Status} ${binary:Package}\\n")).stream()
                        .filter(line -> line.startsWith("installed "))
                        .map(line -> line.substring("installed ".length()))
                        .toList();

        assertThat(items).extracting(Icicle.Item::name).isEqualTo(installed);
        assertThat(items).isNotEmpty().allSatisfy(item -> {
            assertThat(item.version()).isNotEmpty();
            assertThat(item.arch()).isNotEmpty();
            assertThat(item.source()).isPresent();
            assertThat(item.vendor()).isPresent();
            assertThat(item.installed()).isPresent();
        });
    }
}
