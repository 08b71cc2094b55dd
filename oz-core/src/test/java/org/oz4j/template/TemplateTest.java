package org.oz4j.template;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.config.Sizes;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Install;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.MachineWish;
import org.oz4j.template.Template.Os;
import org.oz4j.template.Template.OwnAnswers;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.Template.Setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

class TemplateTest {
    private static final String MINIMAL =
            """
            <template version="1.0">
              <name>small</name>
              <os>
                <name>Debian</name><version>13</version><arch>x86_64</arch>
                <install type="url"><url>http://deb.example.org/debian</url></install>
              </os>
              MORE
            </template>
            """;

    private static final String FULL =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- before -->
            <template version=" 1.0 ">
              <commands>
                <command name="second" position="2" type="url"> https://example.org/run.sh </command>
                <command name="first" position="1">
                  #!/bin/sh
                  echo 'a &lt; b' &amp;&amp; true
                </command>
              </commands>
              <precommands><command name="pre" type="base64">
                 ZWNo byBo
                 aQ==</command></precommands>
              <files>
                <file name="/etc/motd">  hello
            </file>
                <file name="/etc/empty" type="raw"/>
                <file name="/oz/a.bin" type="base64">AAEC</file>
              </files>
              <packages>
                <package name="vim"/>
                <package name="httpd">
                  <arguments> --best  --quiet </arguments><file>httpd.rpm</file><repository>own</repository>
                </package>
              </packages>
              <repositories>
                <repository name="own">
                  <sslverify>True</sslverify><url>deb http://r.example.org x main</url>
                  <persisted>no</persisted><signed>YES</signed>
                </repository>
                <repository name="other"><url>http://o.example.org/</url></repository>
              </repositories>
              <disk><size> 20 </size></disk>
              <os>
                <icicle><extra_command>cat /etc/os-release</extra_command></icicle>
                <kernelparam> quiet  net.ifnames=0 </kernelparam>
                <rootpw> p&amp;ss w\u00f6rd </rootpw>
                <key>AAAA-BBBB</key>
                <install type="iso">
                  <extras>
                    <file source="http://x.example.org/a.msi" destination="drivers/a.msi"/>
                    <directory source="file:///srv/drivers" destination="drivers"/>
                    <file source="ftp://x.example.org/b" destination="b"/>
                  </extras>
                  <sha256sum>https://example.org/SHA256SUMS</sha256sum>
                  <iso>
                    <!-- the big one -->
                    https://example.org/x.iso
                  </iso>
                </install>
                <arch>
                  aarch64
                </arch>
                <version>41</version>
                <name>Fedora</name>
              </os>
              <description> A <!-- comment -->guest </description>
              <name> full_1.0-x </name>
            </template>
            """;

    @Test
    void readsEveryElementInAnyOrder() {
        Template template = Template.parse(FULL);

        assertThat(template)
                .isEqualTo(new Template(
                        "1.0",
                        "full_1.0-x",
                        Optional.of("A guest"),
                        new Os(
                                "Fedora",
                                "41",
                                Arch.AARCH64,
                                new Install(
                                        InstallType.ISO,
                                        URI.create("https://example.org/x.iso"),
                                        List.of(),
                                        Optional.of(new ChecksumSource.SumFile(
                                                "SHA-256", URI.create("https://example.org/SHA256SUMS"))),
                                        Optional.empty(),
                                        List.of(
                                                new Extra(
                                                        false,
                                                        URI.create("http://x.example.org/a.msi"),
                                                        "drivers/a.msi"),
                                                new Extra(true, URI.create("file:///srv/drivers"), "drivers"),
                                                new Extra(false, URI.create("ftp://x.example.org/b"), "b"))),
                                Optional.of("AAAA-BBBB"),
                                Optional.of("p&ss w\u00f6rd"),
                                Optional.of("quiet  net.ifnames=0"),
                                Optional.of("cat /etc/os-release"),
                                Platform.ANY,
                                Setup.DEFAULT),
                        MachineWish.ANY,
                        OwnAnswers.NONE,
                        List.of(new Disk(OptionalLong.of(20L << 30), Optional.empty(), Optional.empty())),
                        List.of(
                                new Repository("own", "deb http://r.example.org x main", true, false, true),
                                new Repository("other", "http://o.example.org/", false, true, false)),
                        List.of(
                                new PackageRequest("vim", Optional.empty(), Optional.empty(), Optional.empty()),
                                new PackageRequest(
                                        "httpd",
                                        Optional.of("own"),
                                        Optional.of("httpd.rpm"),
                                        Optional.of("--best  --quiet"))),
                        List.of(
                                new GuestFile("/etc/motd", new Content.Text("  hello\n")),
                                new GuestFile("/etc/empty", new Content.Text("")),
                                new GuestFile("/oz/a.bin", new Content.Base64("AAEC"))),
                        List.of(new Command("pre", new Content.Base64("ZWNobyBoaQ=="))),
                        List.of(
                                new Command("first", new Content.Text("#!/bin/sh\n      echo 'a < b' && true")),
                                new Command("second", new Content.Url(URI.create("https://example.org/run.sh"))))));
    }

    @Test
    void writesWhatReadsBackEqual() {
        Template full = Template.parse(FULL);
        Template small = Template.parse(with(""));

        assertThat(Template.parse(full.toXml())).isEqualTo(full);
        assertThat(Template.parse(small.toXml())).isEqualTo(small);
    }

    @Test
    void writesReadableXml() {
        assertThat(Template.parse(with("")).toXml())
                .isEqualTo(
                        """
                <?xml version="1.0" encoding="UTF-8"?>
                <template version="1.0">
                    <name>small</name>
                    <os>
                        <name>Debian</name>
                        <version>13</version>
                        <arch>x86_64</arch>
                        <install type="url">
                            <url>http://deb.example.org/debian</url>
                        </install>
                    </os>
                </template>
                """);
    }

    @Test
    void keepsCarriageReturnsAndTabsOfAFileThroughAWrite() {
        Template template = Template.builder("t", "Debian", "13", Arch.X86_64)
                .url(URI.create("http://example.org/"))
                .file(new GuestFile("/a", new Content.Text("one\r\n\ttwo & <three> ]]>\n\n")))
                .build();

        assertThat(Template.parse(template.toXml())).isEqualTo(template);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "ISO-8859-1", "UTF-16", "windows-1252"})
    void readsTheEncodingThatTheDeclarationNames(String encoding) {
        String xml = "<?xml version='1.0' encoding='" + encoding + "'?>\n"
                + with("<description>gr\u00fc\u00df dich</description>");

        Template template = Template.parse(new ByteArrayInputStream(xml.getBytes(Charset.forName(encoding))), "in.tdl");

        assertThat(template.description()).contains("gr\u00fc\u00df dich");
    }

    @Test
    void readsUtf8WithAByteOrderMarkAndPlacesProblemsAfterUmlauts() {
        String xml = "\uFEFF<template version=\"1.0\"><description>\u00fc\u00fc</description><name>/</name></template>";

        assertThatThrownBy(
                        () -> Template.parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)), "in.tdl"))
                .isInstanceOfSatisfying(TemplateException.class, e -> assertThat(e.problems())
                        .anySatisfy(p -> assertThat(p.toString()).startsWith("in.tdl:1:54: name \"/\"")));
    }

    @Test
    void reportsBytesThatAreNotOfTheEncoding() {
        byte[] latin = with("<description>gr\u00fc\u00df</description>").getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> Template.parse(new ByteArrayInputStream(latin), "in.tdl"))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("in.tdl:")
                .hasMessageContaining("not well-formed");
    }

    @Test
    void listsAllProblemsAtOnceInTheOrderOfTheFile() {
        String xml =
                """
                <template version="2.0">
                  <name>a/b</name>
                  <os>
                    <name>Debian</name><arch>sparc</arch>
                    <install type="url"><url>/x</url></install>
                    <colour>red</colour>
                  </os>
                  <disk><size>much</size></disk>
                </template>
                """;

        assertThatThrownBy(() -> Template.parse(xml)).isInstanceOfSatisfying(TemplateException.class, e -> {
            assertThat(e.problems())
                    .extracting(p -> p.line() + ":" + p.column())
                    .containsExactly("1:1", "2:3", "3:3", "4:24", "5:25", "6:5", "8:9");
            assertThat(e).message().hasLineCount(7);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootpw", "key"})
    void neverQuotesASecret(String element) {
        String broken = with("").replace("</os>", "<" + element + ">se\tcret</" + element + "><x/></os>");
        String malformed = with("").replace("</os>", "<" + element + ">a&secret b</" + element + "></os>");

        for (String xml : List.of(broken, malformed)) {
            assertThatThrownBy(() -> Template.parse(xml))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("<" + element + ">")
                    .hasMessageNotContaining("cret");
        }
    }

    @Test
    void showsNoSecretAsAString() {
        assertThat(Template.parse(FULL).toString()).doesNotContain("p&ss").doesNotContain("AAAA");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE template [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>",
                "<!DOCTYPE template SYSTEM 'http://127.0.0.1:9/x.dtd'>",
                "<!DOCTYPE template [<!ENTITY a 'b'>]>"
            })
    void refusesDtdsAndEntities(String doctype) {
        assertThatThrownBy(() -> Template.parse(doctype + with("")))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("DTDs and entities are refused");
    }

    @Test
    void includesLocalFiles(@TempDir Path dir) throws IOException {
        Files.writeString(dir.resolve("packages.xml"), "<packages>\n  <package name='vim'/>\n</packages>");
        Files.writeString(dir.resolve("motd"), "a < b\n");
        Path file = Files.writeString(
                dir.resolve("t.tdl"),
                with("<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='packages.xml'/>"
                        + "<files><file name='/etc/motd'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude'"
                        + " href='motd' parse='text'/></file></files>"));

        Template template = Template.parse(file);

        assertThat(template.packages()).extracting(PackageRequest::name).containsExactly("vim");
        assertThat(template.files()).containsExactly(new GuestFile("/etc/motd", new Content.Text("a < b\n")));
    }

    @Test
    void placesAProblemOfAnIncludedFileWhereItIsIncluded(@TempDir Path dir) throws IOException {
        Files.writeString(dir.resolve("p.xml"), "<packages>\n  <package/>\n</packages>");
        Path file = Files.writeString(
                dir.resolve("t.tdl"), with("<include xmlns='http://www.w3.org/2001/XInclude' href='p.xml'/>"));

        assertThatThrownBy(() -> Template.parse(file))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith(file + ":7:3: <package> lacks its attribute name");
    }

    @Test
    void includesOnlyWhatIsBelowItsFolderUnlessMoreIsAllowed(@TempDir Path dir) throws IOException {
        Path secret = Files.writeString(dir.resolve("secret"), "top secret");
        Path below = Files.createDirectories(dir.resolve("below"));
        Files.createSymbolicLink(below.resolve("link"), secret);
        for (String href : List.of("../secret", "link", secret.toUri().toString())) {
            Path file = Files.writeString(
                    below.resolve("t.tdl"),
                    with("<description><x:include xmlns:x='http://www.w3.org/2001/XInclude' href='" + href
                            + "' parse='text'/></description>"));

            assertThatThrownBy(() -> Template.parse(file))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("only files of its own folder and below");
            assertThat(Template.parse(file, ParseOptions.defaults().withIncludes(ParseOptions.Includes.ANY_LOCAL))
                            .description())
                    .contains("top secret");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:9/a",
                "https://example.invalid/a",
                "ftp://example.invalid/a",
                "//server/a",
                "file://server/a",
                "jar:file:///a!/b"
            })
    void includesNothingFromElsewhere(String href, @TempDir Path dir) throws IOException {
        for (String parse : List.of("xml", "text")) {
            Path file = Files.writeString(
                    dir.resolve("t.tdl"),
                    with("<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='" + href + "' parse='" + parse
                            + "'><x:fallback/></x:include>"));

            assertThatThrownBy(() -> Template.parse(file))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("only local files");
        }
    }

    @Test
    void includesNothingIntoATextThatIsNoFile() {
        String xml = with("<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='/etc/hostname' parse='text'/>");

        assertThatThrownBy(() -> Template.parse(xml))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("does not come from a file");
    }

    @Test
    void reportsAnIncludedFileThatIsNotThere(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(
                dir.resolve("t.tdl"), with("<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='gone.xml'/>"));

        assertThatThrownBy(() -> Template.parse(file))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith(file + ":")
                .hasMessageContaining("gone.xml");
    }

    @Test
    void namesAFileThatIsNotThere() {
        assertThatThrownBy(() -> Template.parse(Path.of("gone.tdl")))
                .isInstanceOfSatisfying(TemplateException.class, e -> assertThat(e.problems())
                        .containsExactly(new Problem("gone.tdl", 0, 0, "there is no such file")));
    }

    @ParameterizedTest
    @CsvSource({
        "10, 10737418240",
        "10G, 10737418240",
        "10 GiB, 10737418240",
        "10GB, 10000000000",
        "10 gb, 10000000000",
        "1T, 1099511627776",
        "1 TB, 1000000000000",
        "512M, 536870912",
        "512 MB, 512000000",
        "4K, 4096",
        "4KiB, 4096",
        "4kB, 4000",
        "1073741824b, 1073741824",
        "512 B, 512",
        "1PB, 1000000000000000",
        "1 PiB, 1125899906842624",
        "7EiB, 8070450532247928832",
        "9EB, 9000000000000000000",
        "007, 7516192768",
        "10  G, 10737418240",
        "8EiB, 9223372036854775807",
        "1 YiB, 9223372036854775807"
    })
    void readsDiskSizes(String text, long bytes) {
        assertThat(Template.parse(with("<disk><size> " + text + "\n</size></disk>"))
                        .diskSize())
                .hasValue(bytes);
        assertThat(Sizes.parse(Sizes.format(bytes))).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "10 X", "G", "10GiBs", "1e3", "0x10"})
    void refusesOtherDiskSizes(String text) {
        assertThat(Sizes.parse(text)).isEmpty();
    }

    @Test
    void namesWhatTheSystemCannotHonourAtItsPlace() {
        String xml = MINIMAL.replace("1.0", "1.1")
                .replace("</os>", "<tpm>yes</tpm>\n<keyboard>de</keyboard></os>")
                .replace(
                        "MORE",
                        "<disk><layout><partition mount='/' filesystem='ext4' size='5'/>\n"
                                + "<partition mount='/d' filesystem='ntfs'/></layout></disk>");
        OsCatalog catalog = os ->
                Optional.of(new OsCatalog.Entry("Debian 13", Set.of(Feature.KEYBOARD, Feature.LAYOUT, Feature.EXT4)));

        assertThatThrownBy(() -> new TdlReader(ParseOptions.defaults().withCatalog(catalog))
                        .read(xml)
                        .orThrow())
                .isInstanceOfSatisfying(TemplateException.class, failure -> assertThat(failure.problems())
                        .extracting(Problem::line, Problem::column, Problem::message)
                        .containsExactly(
                                tuple(6, 3, "Debian 13 can't honour <os/tpm> here; take it out"),
                                tuple(9, 1, "Debian 13 can't honour <disk/layout filesystem ntfs> here; take it out")));
    }

    @Test
    void mergesPackagesAndRepositoriesByName() {
        Template template = Template.parse(FULL);
        PackageRequest vim = new PackageRequest("vim", Optional.of("own"), Optional.empty(), Optional.empty());
        PackageRequest git = new PackageRequest("git", Optional.empty(), Optional.empty(), Optional.empty());
        Repository own = new Repository("own", "http://n.example.org", false, true, false);

        assertThat(template.mergePackages(List.of(git, vim)).packages())
                .containsExactly(vim, template.packages().get(1), git);
        assertThat(template.mergeRepositories(List.of(own)).repositories())
                .containsExactly(own, template.repositories().get(1));
    }

    @Test
    void builderMakesWhatTheReaderReads() {
        Template built = Template.builder("small", "Debian", "13", Arch.X86_64)
                .url(URI.create("http://deb.example.org/debian"))
                .build();

        assertThat(built).isEqualTo(Template.parse(with("")));
    }

    @Test
    void builderRunsTheSameChecks() {
        TemplateBuilder wrong = Template.builder("a/b", " ", "13", Arch.X86_64)
                .diskSize(0)
                .file(new GuestFile("/a", new Content.Text("\u0001")))
                .file(new GuestFile("a", new Content.Text("y")));

        assertThatThrownBy(wrong::build).isInstanceOfSatisfying(TemplateException.class, e -> assertThat(e.problems())
                .extracting(Problem::message)
                .satisfiesExactlyInAnyOrder(
                        m -> assertThat(m).startsWith("name \"a/b\""),
                        m -> assertThat(m).isEqualTo("<name> is empty"),
                        m -> assertThat(m).startsWith("<os> lacks <install>"),
                        m -> assertThat(m).startsWith("disk size"),
                        m -> assertThat(m).contains("a character that XML can't"),
                        m -> assertThat(m).startsWith("file name \"a\"")));
    }

    private static String with(String more) {
        return MINIMAL.replace("MORE", more);
    }
}
