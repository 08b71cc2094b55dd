package org.oz4j.os.packages;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Icicle;
import org.oz4j.TemplateException;
import org.oz4j.host.Commands;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PackageManagersTest {
    private static final Repository CHECKED =
            new Repository("updates", "https://r.example.org/a,b/$releasever/", true, true, true);
    private static final Repository UNCHECKED =
            new Repository("it's $(mine)\n[x]", "https://u@r.example.org/d?a=b", false, true, false);
    private static final String ODD_ID =
            "it_s___mine___x_-" + Integer.toHexString(UNCHECKED.name().hashCode());
    private static final Zypper SLES_10 = new Zypper(Zypper.Sources.SERVICES);

    @TempDir
    private Path folder;

    private static PackageRequest request(String name) {
        return new PackageRequest(name, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static PackageRequest request(String name, String repository, String arguments) {
        return new PackageRequest(name, Optional.of(repository), Optional.empty(), Optional.of(arguments));
    }

    private static PackageRequest file(String file) {
        return new PackageRequest("filed", Optional.empty(), Optional.of(file), Optional.empty());
    }

    static Stream<Arguments> repositories() {
        return Stream.of(
                Arguments.of(new Yum(), "/etc/yum.repos.d/", ".repo", "yum"),
                Arguments.of(new Dnf(), "/etc/yum.repos.d/", ".repo", "yum"),
                Arguments.of(new Zypper(), "/etc/zypp/repos.d/", ".repo", "zypper"),
                Arguments.of(new Pkg(), "/usr/local/etc/pkg/repos/", ".conf", "pkg"),
                Arguments.of(new Apk(), "/etc/apk/repositories.d/", ".list", "apk"));
    }

    @ParameterizedTest
    @MethodSource("repositories")
    void writesTheFileOfARepository(PackageManager manager, String place, String ending, String golden)
            throws IOException {
        assertThat(manager.repositoryFiles(CHECKED))
                .containsOnly(Map.entry(place + "updates" + ending, golden(golden + "-checked" + ending)));
        assertThat(manager.repositoryFiles(UNCHECKED))
                .containsOnly(Map.entry(place + ODD_ID + ending, golden(golden + "-unchecked" + ending)));
    }

    private String golden(String name) throws IOException {
        try (var expected = getClass().getResourceAsStream(name)) {
            assertThat(expected).as(name).isNotNull();
            return new String(expected.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static Stream<PackageManager> managers() {
        return Stream.of(
                new Apt("trixie"),
                new Yum(),
                new Dnf(),
                new Zypper(),
                SLES_10,
                new Urpmi(),
                new Pkg(),
                new Apk(),
                new Pacman());
    }

    @ParameterizedTest
    @MethodSource("managers")
    void anAddressThatWouldBeMoreThanOneLineIsRefused(PackageManager manager) {
        for (String url : List.of("", "-o x", "http://h/\nenabled=0", "http://h/\tx", " http://h/")) {
            Repository repository = new Repository("r", url, true, true, true);
            assertThatThrownBy(() -> {
                        manager.repositoryFiles(repository);
                        manager.addRepository(repository);
                    })
                    .isInstanceOf(TemplateException.class)
                    .hasMessageStartingWith("repository r: its url \"" + url + "\" ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "-x", ".x", "a/b", "a b", "ü", "$(x)", "it's", "a\nb"})
    void namesOfRepositoriesAreMadeSafe(String name) {
        assertThat(Values.id(name))
                .matches("[A-Za-z0-9_][A-Za-z0-9_.-]*-[0-9a-f]+")
                .isNotEqualTo(name);
    }

    @Test
    void longNamesOfRepositoriesAreCut() {
        assertThat(Values.id("n".repeat(300))).hasSizeBetween(100, 110);
        assertThat(Values.id("my_repo-1.x")).isEqualTo("my_repo-1.x");
    }

    @Test
    void pacmanIncludesAFileForEachRepository() throws Exception {
        Pacman pacman = new Pacman();

        assertThat(pacman.repositoryFiles(CHECKED))
                .containsOnly(Map.entry(
                        "/etc/pacman.d/oz-updates.conf",
                        "[updates]\nServer = " + CHECKED.url() + "\nSigLevel = Required DatabaseOptional\n"));
        assertThatThrownBy(() -> pacman.repositoryFiles(UNCHECKED))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("certificates");

        // what the real sed makes of its file
        Path file = Files.writeString(folder.resolve("pacman.conf"), "[options]\n[core]\n");
        run(pacman.addRepository(CHECKED).get(0), file);
        assertThat(file).hasContent("[options]\n[core]\nInclude = /etc/pacman.d/oz-updates.conf\n");
        run(pacman.removeRepository(CHECKED).get(0), file);
        assertThat(file).hasContent("[options]\n[core]\n");
    }

    private static void run(List<String> words, Path file) throws InterruptedException {
        assertThat(Commands.run(
                                words.stream()
                                        .map(word -> word.replace("/etc/pacman.conf", file.toString()))
                                        .toList(),
                                Duration.ofSeconds(20))
                        .status())
                .isZero();
    }

    @Test
    void urpmiKeepsItsMediaByCommands() throws Exception {
        Urpmi urpmi = new Urpmi();

        assertThat(urpmi.repositoryFiles(UNCHECKED)).isEmpty();
        assertThat(urpmi.addRepository(CHECKED))
                .containsExactly(List.of("urpmi.addmedia", "--wait-lock", "--raw", "updates", CHECKED.url()));
        assertThat(urpmi.removeRepository(UNCHECKED))
                .containsExactly(List.of("urpmi.removemedia", "--wait-lock", ODD_ID));

        // the file as urpmi writes it, and what the real sed makes of it
        Path file = Files.writeString(
                folder.resolve("urpmi.cfg"),
                "{\n  downloader: curl\n}\n\nmain https://m.example.org/ {\n  key-ids: 1\n}\n\n" + ODD_ID + " "
                        + UNCHECKED.url() + " {\n}\n");
        for (List<String> words : urpmi.addRepository(UNCHECKED).subList(1, 3)) {
            assertThat(Commands.run(
                                    words.stream()
                                            .map(word -> word.replace("/etc/urpmi/urpmi.cfg", file.toString()))
                                            .toList(),
                                    Duration.ofSeconds(20))
                            .status())
                    .isZero();
        }
        assertThat(file)
                .hasContent("{\n  downloader: curl\n}\n\nmain https://m.example.org/ {\n  key-ids: 1\n}\n\n" + ODD_ID
                        + " " + UNCHECKED.url() + " {\n  disable-certificate-check\n  verify-rpm: 0\n}\n");
    }

    @Test
    void theZypperOfSles10KeepsItsServicesByCommands() {
        assertThat(SLES_10.repositoryFiles(CHECKED)).isEmpty();
        assertThat(SLES_10.addRepository(CHECKED))
                .containsExactly(List.of("zypper", "--non-interactive", "service-add", CHECKED.url(), "updates"));
        assertThat(SLES_10.removeRepository(CHECKED))
                .containsExactly(List.of("zypper", "--non-interactive", "service-delete", "updates"));
        assertThat(SLES_10.refresh()).containsExactly(List.of("zypper", "--non-interactive", "refresh"));
        assertThat(SLES_10.install(List.of(request("vim", "updates", "-f"))))
                .containsExactly(List.of(
                        "zypper", "--non-interactive", "install", "--auto-agree-with-licenses", "-f", "--", "vim"));
    }

    static Stream<Arguments> installs() {
        List<String> zypper =
                List.of("zypper", "--non-interactive", "--no-cd", "install", "--auto-agree-with-licenses");
        List<String> urpmi = List.of("urpmi", "--auto", "--wait-lock");
        List<String> apk = List.of("apk", "--wait", "120", "add");
        return Stream.of(
                Arguments.of(
                        new Yum(),
                        List.of(
                                List.of("yum", "-y", "install", "--", "vim"),
                                List.of("yum", "-y", "--enablerepo=updates", "install", "-v", "--x", "--", "a'b"),
                                List.of("yum", "-y", "install", "--", "$(git)"),
                                List.of("yum", "-y", "localinstall", "--", "/root/f"))),
                Arguments.of(
                        new Dnf(),
                        List.of(
                                List.of("dnf", "-y", "install", "vim", "$(git)", "/root/f"),
                                List.of(
                                        "dnf",
                                        "-y",
                                        "--enablerepo=updates",
                                        "--setopt=updates.priority=1",
                                        "install",
                                        "-v",
                                        "--x",
                                        "a'b"))),
                Arguments.of(
                        new Zypper(),
                        List.of(
                                Values.command(zypper, List.of("--", "vim", "$(git)", "/root/f")),
                                Values.command(zypper, List.of("--from", "updates", "-v", "--x", "--", "a'b")))),
                Arguments.of(
                        new Urpmi(),
                        List.of(
                                Values.command(urpmi, List.of("--", "vim", "$(git)", "/root/f")),
                                Values.command(urpmi, List.of("--searchmedia", "updates", "-v", "--x", "--", "a'b")))),
                Arguments.of(
                        new Pkg(),
                        List.of(
                                List.of("pkg", "install", "--", "vim", "$(git)"),
                                List.of("pkg", "install", "-r", "updates", "-v", "--x", "--", "a'b"),
                                List.of("pkg", "add", "--", "/root/f"))),
                Arguments.of(
                        new Apk(),
                        List.of(
                                Values.command(apk, List.of("vim", "$(git)", "/root/f")),
                                Values.command(apk, List.of("-v", "--x", "a'b")))),
                Arguments.of(
                        new Pacman(),
                        List.of(
                                List.of("pacman", "--noconfirm", "-S", "--needed", "--", "vim", "$(git)"),
                                List.of("pacman", "--noconfirm", "-S", "--needed", "-v", "--x", "--", "updates/a'b"),
                                List.of("pacman", "--noconfirm", "-U", "--", "/root/f"))));
    }

    @ParameterizedTest
    @MethodSource("installs")
    void installsByOneCommandForWhatIsToldOfPackages(PackageManager manager, List<List<String>> commands) {
        assertThat(manager.install(List.of(
                        request("vim"), request("a'b", "updates", " -v  --x "), request("$(git)"), file("/root/f"))))
                .isEqualTo(commands);
    }

    @Test
    void packageManagersThatFetchNoFilesGoByTheName() {
        List<PackageRequest> fetched = List.of(file("http://r.example.org/filed.pkg"));

        assertThat(new Apk().install(fetched).get(0)).endsWith("add", "filed");
        assertThat(new Dnf().install(fetched).get(0)).endsWith("install", "http://r.example.org/filed.pkg");
    }

    static Stream<Arguments> unspeakable() {
        return Stream.of(
                Arguments.of(new Yum(), List.of("-x", "")),
                Arguments.of(new Dnf(), List.of("-x", "")),
                Arguments.of(new Zypper(), List.of("-x", "+x", "!x", "~x", "")),
                Arguments.of(new Urpmi(), List.of("-x", "")),
                Arguments.of(new Pkg(), List.of("-x", "")),
                Arguments.of(new Apk(), List.of("-x", "!x", "")),
                Arguments.of(new Pacman(), List.of("-x", "")));
    }

    @ParameterizedTest
    @MethodSource("unspeakable")
    void namesThatMeanSomethingElseAreRefused(PackageManager manager, List<String> names) {
        for (String name : names) {
            assertThatThrownBy(() -> manager.install(List.of(request("vim"), request(name))))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageStartingWith("package " + name + ": the name of a package begins with none of");
        }
    }

    @Test
    void apkIsToldOfAllRepositoriesWhatOneOfThemAsksFor() {
        PackageManager told = new Apk().with(List.of(CHECKED, UNCHECKED));

        assertThat(told.refresh())
                .containsExactly(
                        List.of("apk", "--wait", "120", "--allow-untrusted", "--no-check-certificate", "update"));
        assertThat(told.install(List.of(request("vim"))).get(0)).contains("--allow-untrusted");
        assertThat(new Apk().with(List.of(CHECKED)).refresh())
                .containsExactly(List.of("apk", "--wait", "120", "update"));
    }

    @Test
    void readsWhatRpmTellsOfAPackage() {
        Dnf dnf = new Dnf();

        assertThat(dnf.item(
                        "bash\t5.1.8-6.el9\tx86_64\tRocky\tGPLv3+\t1747699200\thttps://bash\tbash-5.1.8-6.el9.src.rpm"))
                .contains(new Icicle.Item(
                        "bash",
                        "5.1.8-6.el9",
                        "x86_64",
                        Optional.of(new Icicle.Source("bash", "5.1.8-6.el9")),
                        Optional.of("Rocky"),
                        Optional.of("GPLv3+"),
                        Optional.of(Instant.parse("2025-05-20T00:00:00Z")),
                        Optional.of("https://bash"),
                        Optional.empty()));
        assertThat(dnf.item("a\t2:1-1\tnoarch\t(none)\tMIT\t1\t(none)\tx-y-1-1.src.rpm"))
                .get()
                .satisfies(item -> {
                    assertThat(item.source()).contains(new Icicle.Source("x-y", "2:1-1"));
                    assertThat(item.vendor()).isEmpty();
                    assertThat(item.homepage()).isEmpty();
                });
        assertThat(dnf.item("a\t1-1\tnoarch\t(none)\tMIT\t1\t(none)\t(none)"))
                .get()
                .satisfies(item -> assertThat(item.source()).isEmpty());
        assertThat(dnf.item("gpg-pubkey\t8483c65d-5ccc5b19\t(none)\t(none)\tpubkey\t1\t(none)\t(none)"))
                .isEmpty();
        assertThat(dnf.item("")).isEmpty();
        assertThat(dnf.purlType()).isEqualTo("rpm");
    }

    @Test
    void readsWhatPkgTellsOfAPackage() {
        assertThat(new Pkg()
                        .item("bash\t5.2.37\tFreeBSD:14:amd64\tshells/bash\tx@FreeBSD.org\t1747699200\thttps://bash"))
                .get()
                .satisfies(item -> {
                    assertThat(item.arch()).isEqualTo("FreeBSD:14:amd64");
                    assertThat(item.source()).contains(new Icicle.Source("shells/bash", ""));
                    assertThat(item.installed()).contains(Instant.parse("2025-05-20T00:00:00Z"));
                });
    }

    @Test
    void theRealAwkReadsApksDatabase() throws Exception {
        // the format: apk-tools' document of version 2's packages, and its database
        Path database = Files.writeString(
                folder.resolve("installed"),
                """
                C:Q1abc=
                P:musl
                V:1.2.5-r9
                A:x86_64
                S:1
                T:the musl c library (libc) implementation
                U:https://musl.libc.org/
                L:MIT
                o:musl
                m:Timo Teras <x@example.org>
                t:1747699200
                F:lib
                R:P:odd
                a:0:0:755
                Z:Q1def=

                P:.build-deps
                V:20250520.1
                A:noarch
                L:

                """);
        Apk apk = new Apk();
        List<String> words = apk.list().stream()
                .map(word -> word.equals("/lib/apk/db/installed") ? database.toString() : word)
                .toList();

        Commands.Result listed = Commands.run(words, Duration.ofSeconds(20));

        assertThat(listed.output().lines().map(apk::item).flatMap(Optional::stream))
                .containsExactly(
                        new Icicle.Item(
                                "musl",
                                "1.2.5-r9",
                                "x86_64",
                                Optional.of(new Icicle.Source("musl", "")),
                                Optional.of("Timo Teras <x@example.org>"),
                                Optional.of("MIT"),
                                Optional.empty(),
                                Optional.of("https://musl.libc.org/"),
                                Optional.empty()),
                        new Icicle.Item(
                                ".build-deps",
                                "20250520.1",
                                "noarch",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        assertThat(apk.purlType()).isEqualTo("apk");
    }
}
