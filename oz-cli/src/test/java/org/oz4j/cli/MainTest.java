package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.BuildCancelledException;
import org.oz4j.Diagnosis;
import org.oz4j.GuestOptions;
import org.oz4j.HostSetupException;
import org.oz4j.ImageExistsException;
import org.oz4j.InstallFailedException;
import org.oz4j.PluginException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.template.OsCatalog;

import static org.assertj.core.api.Assertions.assertThat;

class MainTest {
    @TempDir
    Path folder = Path.of("");

    private Stage stage = new Stage(folder);
    private String template = "";

    @BeforeEach
    void writeTemplate() throws IOException {
        stage = new Stage(folder);
        stage.catalog = os -> Optional.of(new OsCatalog.Entry("Debian 13", Set.of()));
        template = Files.writeString(
                        folder.resolve("web.tdl"),
                        """
                        <template version="1.0">
                          <name>web</name>
                          <os>
                            <name>Debian</name>
                            <version>13</version>
                            <arch>x86_64</arch>
                            <install type="url"><url>http://mirror.example.com/debian/</url></install>
                          </os>
                        </template>
                        """)
                .toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "install", "instal", "install --no-such-option", "install no-such.tdl", "list extra"})
    void refusesBadUsage(String line) {
        int status = stage.run(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(status).isEqualTo(2);
        assertThat(stage.err.toString())
                .containsPattern("Usage: oz|Did you mean: oz install")
                .doesNotContain("\tat ");
        assertThat(stage.out.toString()).isEmpty();
    }

    @Test
    void namesTheAnswerFileThatIsNotThere() {
        assertThat(stage.run("install", template, "-a", "no-such.cfg")).isEqualTo(2);
        assertThat(stage.err.toString()).startsWith("The answer file no-such.cfg is not there");
    }

    @Test
    void refusesATemplateThatIsWrongAndNamesTheLine() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong.tdl"), "<template version='1.0'>\n<name>web</nam>");

        assertThat(stage.run("install", wrong.toString())).isEqualTo(2);
        assertThat(stage.err.toString()).contains("wrong.tdl:2").doesNotContain("\tat ");
    }

    @Test
    void installsAndNamesTheImage() {
        assertThat(stage.run("install", template)).isZero();
        assertThat(stage.out).hasToString("Image:  /images/web.dsk\nDomain: /images/web.xml\n");
        assertThat(stage.err.toString()).isEmpty();
        assertThat(stage.options).containsExactly(GuestOptions.defaults());
    }

    @Test
    void warnsOfWhatATemplateWillNotDoAsWritten() throws IOException {
        String local = Files.writeString(
                        folder.resolve("local.tdl"),
                        Files.readString(Path.of(template)).replace("mirror.example.com", "localhost"))
                .toString();

        assertThat(stage.run("install", local)).isZero();
        assertThat(stage.err.toString())
                .isEqualTo("oz: " + local + ":7:25: warning: the guest is told 10.0.2.2 in place of http://localhost,"
                        + " which is the guest itself there\n");
    }

    @Test
    void handsTheOptionsOver() {
        String answers = template;

        assertThat(stage.run("install", template, "-a", answers, "-o", "/tmp/x.dsk", "--force", "--keep-evidence"))
                .isZero();
        assertThat(stage.options)
                .containsExactly(GuestOptions.defaults()
                        .withAnswerFile(Path.of(answers))
                        .withImage(Path.of("/tmp/x.dsk"))
                        .withOverwrite(true)
                        .withKeepEvidence(true));
    }

    @Test
    void writesNothingButJsonWhereJsonIsAskedFor() {
        stage.install = (listener, token) -> {
            Stage.events().forEach(listener::on);
            return Stage.IMAGE;
        };

        assertThat(stage.run("install", "--json", template)).isZero();
        assertThat(stage.out.toString().lines()).hasSize(12).allMatch(line -> line.startsWith("{\"event\":\""));
    }

    @Test
    void drawsABarOnATerminal() {
        stage.terminal = new Terminal(true, 80);
        stage.install = (listener, token) -> {
            Stage.events().forEach(listener::on);
            return Stage.IMAGE;
        };

        assertThat(stage.run("install", template)).isZero();
        assertThat(stage.out.toString())
                .contains("[#########-----------]  46 %")
                .endsWith("Domain: /images/web.xml\n");
    }

    @Test
    void tellsWhatTheInstallerSaidLastAndWhereTheEvidenceIs() {
        stage.install = (listener, token) -> {
            InstallFailedException failure = new InstallFailedException(
                    InstallFailedException.Kind.QUESTION,
                    new Diagnosis(Diagnosis.Cause.QUESTION, Optional.empty(), Optional.empty()),
                    "The installer of 'web' asks a question",
                    "Answer it in the answer file",
                    List.of("Which disk?"),
                    Path.of("/evidence/web"),
                    null);
            failure.addSuppressed(new HostSetupException("The lock stays", null, List.of(), null));
            throw failure;
        };

        assertThat(stage.run("install", template)).isEqualTo(1);
        assertThat(stage.err)
                .hasToString(
                        """
                oz: The installer of 'web' asks a question
                    Answer it in the answer file.
                    The installer's last lines:
                    | Which disk?
                    Evidence: /evidence/web
                    While cleaning up: The lock stays
                """);
    }

    @Test
    void namesThePackagesThatAreMissing() {
        stage.install = (listener, token) -> {
            throw new HostSetupException("There is no QEMU", "Install it", List.of("qemu-system-x86"), null);
        };

        assertThat(stage.run("install", template)).isEqualTo(1);
        assertThat(stage.err.toString()).contains("Debian packages: qemu-system-x86 (oz doctor --fix");
    }

    @Test
    void failsWhereTheImageIsThereAndCallsAnUnknownOsBadUsage() {
        stage.install = (listener, token) -> {
            throw new ImageExistsException(Path.of("/images/web.dsk"));
        };
        assertThat(stage.run("install", template)).isEqualTo(1);
        assertThat(stage.err.toString()).contains("--force");

        stage.install = (listener, token) -> {
            throw new UnsupportedOsException("Debian 99", "There is no Debian 99", null);
        };
        assertThat(stage.run("install", template)).isEqualTo(2);
    }

    @Test
    void endsWith130WhereTheBuildWasCancelled() {
        stage.install = (listener, token) -> {
            stage.token.cancel();
            assertThat(token.isCancelled()).isTrue();
            throw new BuildCancelledException("web", null);
        };

        assertThat(stage.run("install", template)).isEqualTo(130);
        assertThat(stage.err.toString()).contains("was cancelled");
    }

    @Test
    void showsAStackTraceOnlyInDebugging() {
        stage.install = (listener, token) -> {
            throw new IllegalStateException("a bug");
        };

        assertThat(stage.run("install", template)).isEqualTo(1);
        assertThat(stage.err.toString()).contains("a bug", "fault in Oz").doesNotContain("\tat ");
        assertThat(stage.run("install", template, "--debug")).isEqualTo(1);
        assertThat(stage.err.toString()).contains("\tat org.oz4j.cli.");
    }

    @Test
    void listsReleasesAndTellsOfBrokenPlugins() {
        stage.broken.add(new PluginException("odd", "The plugin has no releases", null, null));

        assertThat(stage.run("list")).isZero();
        assertThat(stage.out)
                .hasToString(
                        """
                OS                  VERSION      ARCHES       INSTALL  SUPPORT       END OF LIFE  SOURCE
                Debian (GNU/Linux)  13 (trixie)  i386,x86_64  url,iso  installed     2030-06-30   made up
                TinyLinux           1            i386,x86_64  url,iso  experimental  -            made up
                """);
        assertThat(stage.err).hasToString("oz: broken plugin odd: The plugin has no releases\n");
    }

    @Test
    void listsReleasesAsJson() {
        assertThat(stage.run("list", "--json")).isZero();
        assertThat(stage.out.toString().lines().findFirst())
                .contains("{\"os\":\"Debian\",\"names\":[\"GNU/Linux\"],\"version\":\"13\",\"aliases\":[\"trixie\"],"
                        + "\"arches\":[\"i386\",\"x86_64\"],\"installTypes\":[\"url\",\"iso\"],"
                        + "\"support\":\"installed\",\"endOfLife\":\"2030-06-30\",\"source\":\"made up\"}");
    }

    @Test
    void knowsEveryReleaseOfThePluginsOnTheClassPath() {
        LibraryBackend library = new LibraryBackend();

        try (var oz =
                library.open(stage.loadedConfig(java.util.Optional.empty()).config())) {
            assertThat(oz.releases()).extracting(release -> release.title()).contains("Debian 13", "TinyLinux 1");
            assertThat(oz.brokenPlugins()).isEmpty();
        }
    }
}
