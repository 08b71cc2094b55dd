package org.oz4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.oz4j.GuestOptions;
import org.oz4j.Provenance;
import org.oz4j.VisitChoices;
import org.oz4j.icicle.IcicleFormat;
import org.oz4j.icicle.IcicleXml;
import org.oz4j.icicle.ProvenanceFile;

import static org.assertj.core.api.Assertions.assertThat;

class IcicleCommandTest {
    private final Path folder;
    private final Stage stage;
    private final Path template;
    private final Path image;

    IcicleCommandTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.stage = new Stage(folder);
        this.image = folder.resolve("web.dsk");
        this.template = Files.writeString(
                folder.resolve("web.tdl"),
                """
                <template version="1.0">
                  <name>web</name>
                  <os>
                    <name>Debian</name><version>13</version><arch>x86_64</arch>
                    <install type="url"><url>http://deb.example.org/debian</url></install>
                  </os>
                </template>
                """);
    }

    private int run(String options) {
        return stage.run(("icicle " + options + " " + template + " " + image).split(" +"));
    }

    private String written(IcicleFormat format, Optional<Provenance> provenance) {
        return format.write(Stage.ICICLE, provenance, stage.time.now());
    }

    @ParameterizedTest
    @EnumSource(IcicleFormat.class)
    void writesNothingButTheListToStandardOutput(IcicleFormat format) {
        assertThat(run("--format " + format.name().toLowerCase(Locale.ROOT))).isEqualTo(ExitCode.OK);

        assertThat(stage.out.toString()).isEqualTo(written(format, Optional.empty()));
    }

    @Test
    void isToldHowToGoInOrNotToBoot() {
        assertThat(run("--offline")).isEqualTo(ExitCode.OK);
        assertThat(run("--access offline-edit")).isEqualTo(ExitCode.OK);

        assertThat(stage.options)
                .extracting(GuestOptions::visit)
                .containsExactly(VisitChoices.NONE.withOffline(true), VisitChoices.NONE.withAccess("offline edit"));
    }

    @Test
    void customisingIsToldWhatToDoInTheEnd() {
        assertThat(stage.run("customize", "--seal", "--verify", template.toString(), image.toString()))
                .isEqualTo(ExitCode.OK);

        assertThat(stage.options)
                .extracting(GuestOptions::visit)
                .containsExactly(VisitChoices.NONE.withSeal(true).withVerify(true));
    }

    @Test
    void oneBootGivesSeveralFiles() throws IOException {
        Path xml = folder.resolve("list.xml");
        Path cyclonedx = folder.resolve("list.cdx.json");
        Path spdx = folder.resolve("list.spdx.json");

        assertThat(run("-i " + xml + " -o cyclonedx=" + cyclonedx + " -o spdx=" + spdx))
                .isEqualTo(ExitCode.OK);

        assertThat(stage.visited).containsExactly(image);
        assertThat(xml).content().isEqualTo(IcicleXml.write(Stage.ICICLE, true));
        assertThat(cyclonedx).content().isEqualTo(written(IcicleFormat.CYCLONEDX, Optional.empty()));
        assertThat(spdx).content().isEqualTo(written(IcicleFormat.SPDX, Optional.empty()));
        assertThat(stage.out.toString())
                .contains("CycloneDX was written to " + cyclonedx + "\n")
                .contains("SPDX was written to " + spdx + "\n")
                .contains("ICICLE XML was written to " + xml + "\n");
    }

    @Test
    void namesAloneAreForTheFirstReaders() {
        assertThat(run("--names-only")).isEqualTo(ExitCode.OK);

        assertThat(stage.out.toString()).isEqualTo(IcicleXml.write(Stage.ICICLE, false));
    }

    @Test
    void whatStandsBesideTheImageGoesIntoTheBillOfMaterials() throws IOException {
        Provenance provenance = new Provenance(
                "web", "Debian 13", "x86_64", "1", Instant.EPOCH, List.of(), "ab".repeat(32), Optional.empty());
        Path file = ProvenanceFile.beside(image);
        Files.writeString(file, ProvenanceFile.write(provenance));

        assertThat(run("--format cyclonedx")).isEqualTo(ExitCode.OK);
        assertThat(stage.out.toString())
                .isEqualTo(written(IcicleFormat.CYCLONEDX, Optional.of(provenance)))
                .contains("ab".repeat(32));

        Files.writeString(file, "{}");
        assertThat(run("--format spdx")).isEqualTo(ExitCode.FAILED);
        assertThat(stage.err.toString()).contains(file + " does not tell what the image was made of");
        assertThat(stage.visited).hasSize(1);
        assertThat(run("")).isEqualTo(ExitCode.OK);
    }

    @ParameterizedTest
    @CsvSource({
        "--format yaml, \"yaml\" is none of icicle",
        "-o pdf=x, \"pdf\" is none of icicle",
        "-o json=/no/such/folder/x, Can't write to /no/such/folder/x",
        "-i /, Can't write to /",
        "--json, --json goes with --diff"
    })
    void badUsageIsToldBeforeTheGuestBoots(String options, String told) {
        assertThat(run(options)).isEqualTo(ExitCode.USAGE);
        assertThat(stage.err.toString()).contains(told);
        assertThat(stage.visited).isEmpty();
    }

    private Path list(String name, String xml) throws IOException {
        return Files.writeString(folder.resolve(name), "<icicle><packages>" + xml + "</packages></icicle>");
    }

    private Path old() throws IOException {
        return list(
                "old.xml",
                "<package name='base' version='1' arch='all'/><package name='hello' version='2.10-3' arch='amd64'/>"
                        + "<package name='gone' version='7' arch='all'/>");
    }

    @Test
    void tellsWhatTwoListsDifferIn() throws IOException {
        Path cyclonedx =
                Files.writeString(folder.resolve("new.json"), written(IcicleFormat.CYCLONEDX, Optional.empty()));

        assertThat(stage.run("icicle", "--diff", old().toString(), cyclonedx.toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(stage.out).hasToString("- gone 7 all\n~ hello 2.10-3 amd64 -> 2.10-5 amd64\n");
        assertThat(stage.run("icicle", "--diff", cyclonedx.toString(), cyclonedx.toString()))
                .isEqualTo(ExitCode.OK);
        assertThat(stage.visited).isEmpty();
    }

    @Test
    void tellsTheDifferencesAsJson() throws IOException {
        Path json = Files.writeString(folder.resolve("new.json"), written(IcicleFormat.JSON, Optional.empty()));

        assertThat(stage.run("icicle", "--diff", "--json", json.toString(), old().toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(stage.out)
                .hasToString("{\"added\":[{\"name\":\"gone\",\"version\":\"7\",\"arch\":\"all\"}],\"removed\":[],"
                        + "\"changed\":[{\"name\":\"hello\",\"before\":{\"name\":\"hello\",\"version\":\"2.10-5\","
                        + "\"arch\":\"amd64\"},\"after\":{\"name\":\"hello\",\"version\":\"2.10-3\","
                        + "\"arch\":\"amd64\"}}]}\n");
    }

    @Test
    void whatCanNotBeComparedIsTroubleAndNoDifference() throws IOException {
        String old = old().toString();
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"packages\":");
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

        assertThat(stage.run("icicle", "--diff", old, folder + "/none")).isEqualTo(ExitCode.USAGE);
        assertThat(stage.run("icicle", "--diff", old, broken.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(stage.run("icicle", "--diff", old, binary.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(stage.run("icicle", "--diff", old)).isEqualTo(ExitCode.USAGE);
        assertThat(stage.err.toString())
                .contains("Can't read " + folder + "/none")
                .contains(broken + " is no list of packages: no JSON")
                .contains("Can't read " + binary)
                .contains("--diff compares two files");
    }

    /** They are large, and take a second to start. */
    @Test
    void validatingATemplateLoadsNothingOfWhatWritesBillsOfMaterials() throws Exception {
        Process oz = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-verbose:class",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "validate",
                        template.toString())
                .redirectErrorStream(true)
                .start();
        String told;
        try (var output = oz.getInputStream()) {
            told = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        }

        assertThat(oz.waitFor()).as(told).isZero();
        assertThat(told)
                .contains("org.oz4j.template.Template ")
                .doesNotContain("com.fasterxml.jackson", "org.cyclonedx");
    }
}
