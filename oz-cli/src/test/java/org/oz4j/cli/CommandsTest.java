package org.oz4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.MachineChoices;
import org.oz4j.config.OzConfig;
import org.oz4j.media.IsoWriter;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;

import static org.assertj.core.api.Assertions.assertThat;

class CommandsTest {
    private static final String GOOD =
            """
            <template version="1.0">
              <name>web</name>
              <os>
                <name>Debian</name><version>13</version><arch>x86_64</arch>
                <install type="url"><url>http://deb.example.org/debian</url></install>
              </os>
            </template>
            """;

    private final Path folder;
    private final Stage stage;
    private final Path good;

    CommandsTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.stage = new Stage(folder);
        this.good = Files.writeString(folder.resolve("good.tdl"), GOOD);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void validateTellsOneLineForEachFindingAndFailsWhereOneIsWrong() throws IOException {
        Path bad = file("bad.tdl", GOOD.replace("web", "a/b").replace("x86_64", "vax"));

        assertThat(stage.run("validate", good.toString(), bad.toString())).isEqualTo(ExitCode.FAILED);

        assertThat(stage.out.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(good + ":3:3: warning: no installed plugin"),
                        line -> assertThat(line).startsWith(bad + ":2:3: name \"a/b\""),
                        line -> assertThat(line).startsWith(bad + ":3:3: warning:"),
                        line -> assertThat(line).startsWith(bad + ":4:45: arch \"vax\""));
        assertThat(stage.err.toString()).isEmpty();
    }

    @Test
    void validateWritesOneJsonObjectALine() throws IOException {
        Path bad = file("bad.tdl", GOOD.replace("web", "a/b"));

        assertThat(stage.run("validate", "--json", good.toString(), bad.toString(), folder + "/gone.tdl"))
                .isEqualTo(ExitCode.FAILED);

        assertThat(stage.out.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("{\"file\":\"" + good + "\",\"valid\":true,\"findings\":[{\"line\":3,"
                                        + "\"column\":3,\"severity\":\"warning\",\"message\":\""),
                        line -> assertThat(line)
                                .startsWith("{\"file\":\"" + bad + "\",\"valid\":false,\"findings\":[{\"line\":2,"
                                        + "\"column\":3,\"severity\":\"error\",\"message\":\""),
                        line -> assertThat(line)
                                .isEqualTo("{\"file\":\"" + folder + "/gone.tdl\",\"valid\":false,\"findings\":["
                                        + "{\"line\":0,\"column\":0,\"severity\":\"error\",\"message\":"
                                        + "\"there is no such file\"}]}"));
    }

    @Test
    void validateKnowsTheConfiguredNetwork() throws IOException {
        Path local = file("local.tdl", GOOD.replace("http://deb.example.org", "http://localhost"));

        assertThat(stage.run("validate", local.toString())).isEqualTo(ExitCode.OK);
        stage.network = new OzConfig.Network.Bridge("br0");
        assertThat(stage.run("validate", local.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(stage.out.toString()).contains("http://localhost is the guest itself once the guest uses it");
    }

    @Test
    void validateSetsParametersAndRefusesThoseThatAreNotThere() throws IOException {
        Path file = file(
                "p.tdl",
                GOOD.replace("1.0", "1.1")
                        .replace("web", "${name}")
                        .replace("<os>", "<parameters><parameter name=\"name\"/></parameters><os>"));

        assertThat(stage.run("validate", "-D", "name=x", file.toString())).isEqualTo(ExitCode.OK);
        assertThat(stage.run("validate", file.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(stage.run("validate", "-D", "name=x", "-D", "nome=y", file.toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(stage.out.toString()).contains("has no value").contains("there is no parameter \"nome\"");
    }

    @Test
    void configTellsWhereEachValueCameFrom() {
        assertThat(stage.run("config")).isEqualTo(ExitCode.OK);

        assertThat(stage.out.toString()).contains("[libvirt]\n").contains("cpus = 2  ; default, OZ_CPUS\n");
    }

    @Test
    void cleanupCacheDeletesWhatIsKeptAndADryRunDoesNot() throws IOException {
        Path cache = Files.createDirectories(folder.resolve(".oz/cache"));
        Path wrong =
                Files.write(Files.createDirectory(cache.resolve("rejected")).resolve("wrong.iso"), new byte[1 << 20]);
        Path part = Files.write(Files.createDirectory(cache.resolve("incoming")).resolve("ab.part"), new byte[3 << 20]);

        assertThat(stage.run("cleanup-cache", "--dry-run")).isEqualTo(ExitCode.OK);
        assertThat(stage.out.toString())
                .contains("partial  ab.part  3 MiB")
                .contains("rejected  wrong.iso  1 MiB")
                .contains("Would free 4 MiB");
        assertThat(stage.run("cleanup-cache", "--kind", "media,partial")).isEqualTo(ExitCode.OK);
        assertThat(part).doesNotExist();
        assertThat(wrong).exists();
        assertThat(stage.out.toString()).contains("Freed 3 MiB");
        assertThat(stage.run("cleanup-cache", "--kind", "isos")).isEqualTo(ExitCode.USAGE);
        assertThat(stage.err.toString()).contains("\"isos\" is none of media, boot");
        assertThat(stage.run("cleanup-cache")).isEqualTo(ExitCode.OK);
        assertThat(wrong).doesNotExist();
    }

    @Test
    void identifyTellsWhatAMediumIsAndMakesATemplate() throws IOException {
        Path iso = folder.resolve("netinst.iso");
        IsoWriter.write(
                iso,
                "Debian 13 n",
                Map.of(
                        ".disk/info",
                        "Debian GNU/Linux 13.1.0 \"Trixie\" - Official amd64 NETINST"
                                .getBytes(StandardCharsets.UTF_8)));

        assertThat(stage.run("identify", iso.toString())).isEqualTo(ExitCode.OK);
        assertThat(stage.out.toString())
                .contains("netinst.iso: Debian 13.1.0 NETINST x86_64\n")
                .contains("Label        Debian 13 n\n")
                .contains("Boots by     nothing\n")
                .contains("<version>13</version>");
        assertThat(stage.run(
                        "identify",
                        "--json",
                        iso.toString(),
                        folder.resolve("none").toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(stage.out.toString())
                .contains("\"os\":\"Debian\",\"version\":\"13.1.0\",\"edition\":\"NETINST\",\"editions\":[]")
                .contains("\"error\":\"there is no such file\"");
        assertThat(stage.run("identify", file("x.iso", "x").toString())).isEqualTo(ExitCode.FAILED);
        assertThat(stage.err.toString()).contains("no ISO image that can be read");
    }

    @Test
    void identifyListsTheEditionsOfWindows() throws IOException {
        String system = "<NAME>Windows 11 %1$s</NAME><WINDOWS><ARCH>9</ARCH><EDITIONID>%1$s</EDITIONID>"
                + "<PRODUCTTYPE>WinNT</PRODUCTTYPE>"
                + "<VERSION><MAJOR>10</MAJOR><MINOR>0</MINOR><BUILD>26100</BUILD></VERSION></WINDOWS></IMAGE>";
        byte[] xml = ("<WIM><IMAGE INDEX='1'>" + system.formatted("Home") + "<IMAGE INDEX='2'>"
                        + system.formatted("Pro") + "</WIM>")
                .getBytes(StandardCharsets.UTF_16LE);
        byte[] wim = ByteBuffer.allocate(208 + xml.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, "MSWIM".getBytes(StandardCharsets.US_ASCII))
                .putLong(72, xml.length)
                .putLong(80, 208)
                .put(208, xml)
                .array();
        Path iso = folder.resolve("windows.iso");
        IsoWriter.write(iso, "CCCOMA_X64FRE", Map.of("sources/install.wim", wim));

        assertThat(stage.run("identify", iso.toString())).isEqualTo(ExitCode.OK);
        assertThat(stage.out.toString())
                .contains("windows.iso: Windows 11 x86_64\n")
                .contains("Editions     Windows 11 Home, Windows 11 Pro\n")
                .contains("Told by      sources/install.wim\n")
                .contains("<version>11</version>");
        assertThat(stage.run("identify", "--json", iso.toString())).isEqualTo(ExitCode.OK);
        assertThat(stage.out.toString()).contains("\"editions\":[\"Windows 11 Home\",\"Windows 11 Pro\"]");
    }

    @Test
    void ozInstallTakesTheOldOptions() throws IOException {
        Path answers = file("own.cfg", "x");
        Path image = folder.resolve("x.dsk");

        int status = stage.run(
                "oz-install",
                "-p",
                "-a",
                answers.toString(),
                "--disk=" + image,
                "-b",
                "sata",
                "--network",
                "e1000",
                "-m52:54:00:12:34:56",
                "-t",
                "600",
                "-d",
                "1",
                good.toString());

        assertThat(status).as(stage.err.toString()).isEqualTo(ExitCode.OK);
        assertThat(stage.out.toString()).contains("Libvirt XML was written to ");
        assertThat(stage.options).singleElement().satisfies(options -> {
            assertThat(options.answerFile()).contains(answers);
            assertThat(options.image()).contains(image);
            assertThat(options.overwrite()).isTrue();
            assertThat(options.machine())
                    .isEqualTo(new MachineChoices(
                            Optional.of(DiskBus.SATA), Optional.of(NicModel.E1000), Optional.of("52:54:00:12:34:56")));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "-i x, -i goes with -g",
        "-t 0, not a number of seconds",
        "-b floppy, \"floppy\" is not known; known are virtio",
        "-m nonsense, no address of a network card",
        "-d -1, less than 0",
        "--nonsense, Unknown option"
    })
    void ozInstallRefusesBadUsageOnStandardError(String options, String told) {
        String[] words = ("oz-install " + options + " " + good).split(" ");

        assertThat(stage.run(words)).isEqualTo(ExitCode.USAGE);
        assertThat(stage.err.toString()).contains(told);
        assertThat(stage.out.toString()).isEmpty();
    }

    @Test
    void aDomainsFileNamesItsImage() throws IOException {
        Path xml = file(
                "d.xml",
                "<domain><devices><disk type='file' device='cdrom'><source file='/c.iso'/></disk>"
                        + "<disk type='file' device='disk'><source file='/d.dsk'/></disk></devices></domain>");

        assertThat(DomainFile.imageOf(xml)).isEqualTo(Path.of("/d.dsk"));
        assertThat(DomainFile.imageOf(
                        good.resolveSibling(file("raw.img", "\0\0").getFileName())))
                .isEqualTo(folder.resolve("raw.img"));
    }
}
