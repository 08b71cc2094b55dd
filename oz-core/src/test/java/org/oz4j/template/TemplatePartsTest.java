package org.oz4j.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.template.ParseOptions.Includes;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

/** Templates of several files ({@code <include>}) and with parameters, version 1.1. */
class TemplatePartsTest {
    private static final String PART =
            """
            <template version="1.1">
              <parameters><parameter name="motd" default="part"/></parameters>
              <repositories>
                <repository name="r"><url>http://part.example.org</url></repository>
                <repository name="own"><url>http://part.example.org/own</url></repository>
              </repositories>
              <packages><package name="git"/><package name="vim"><arguments>--part</arguments></package></packages>
              <files><file name="/a">${motd}</file><file name="/b">part</file></files>
              <precommands><command name="before">part</command></precommands>
              <commands>
                <command name="part-2" position="2">two</command>
                <command name="part-1" position="1">one</command>
              </commands>
            </template>
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static String template(String more) {
        return """
                <template version="1.1">
                  <name>web</name>
                  <os>
                    <name>Debian</name><version>13</version><arch>x86_64</arch>
                    <install type="url"><url>http://deb.example.org/debian</url></install>
                  </os>
                  %s
                </template>
                """
                .formatted(more);
    }

    private Template parse(String more) throws IOException {
        return Template.parse(Files.writeString(folder.resolve("web.tdl"), template(more)));
    }

    private List<Problem> problems(String more, ParseOptions options) throws IOException {
        Path file = Files.writeString(folder.resolve("web.tdl"), template(more));
        return new TdlReader(options).read(file).problems();
    }

    @Test
    void anIncludedFileComesFirstAndTheIncludingOneWins() throws IOException {
        Files.writeString(folder.resolve("part.tdl"), PART);
        Template web = parse(
                """
                <include src="part.tdl"/>
                <repositories><repository name="own"><url>http://own.example.org</url></repository></repositories>
                <packages><package name="vim"/></packages>
                <files><file name="/a">own</file></files>
                <precommands><command name="own-before">own</command></precommands>
                <commands>
                  <command name="own-2" position="2">own two</command>
                  <command name="own-1" position="1">own one</command>
                </commands>
                """);

        assertThat(web.repositories())
                .extracting(Repository::name, Repository::url)
                .containsExactly(tuple("r", "http://part.example.org"), tuple("own", "http://own.example.org"));
        assertThat(web.packages()).extracting(PackageRequest::name).containsExactly("git", "vim");
        assertThat(web.packages().get(1).arguments()).isEmpty();
        assertThat(web.files())
                .containsExactly(
                        new GuestFile("/b", new Content.Text("part")), new GuestFile("/a", new Content.Text("own")));
        assertThat(web.preCommands()).extracting(Command::name).containsExactly("before", "own-before");
        assertThat(web.commands()).extracting(Command::name).containsExactly("part-1", "part-2", "own-1", "own-2");
    }

    @Test
    void anIncludedFileAloneBringsAllThatItHas() throws IOException {
        Files.writeString(folder.resolve("part.tdl"), PART);
        Template web = parse("<include src='part.tdl'/>");

        assertThat(web.repositories()).extracting(Repository::name).containsExactly("r", "own");
        assertThat(web.packages()).extracting(PackageRequest::name).containsExactly("git", "vim");
        assertThat(web.files()).contains(new GuestFile("/a", new Content.Text("part")));
        assertThat(web.commands()).extracting(Command::name).containsExactly("part-1", "part-2");
    }

    @Test
    void anIncludingFileKeepsItsOwnWhereThePartHasNone() throws IOException {
        Files.writeString(folder.resolve("part.tdl"), "<template version='1.1'><packages/></template>");
        Template web = parse("<include src='part.tdl'/><commands><command name='own'>true</command></commands>"
                + "<precommands><command name='before'>true</command></precommands>");

        assertThat(web.commands()).extracting(Command::name).containsExactly("own");
        assertThat(web.preCommands()).extracting(Command::name).containsExactly("before");
    }

    @Test
    void includedFilesAreRefusedWhereTheyBringOtherElements() throws IOException {
        for (String element : List.of(
                "<name>other</name>",
                "<os><name>Debian</name><version>12</version><arch>x86_64</arch>"
                        + "<install type='url'><url>http://d.example.org</url></install></os>",
                "<machine><cpus>2</cpus></machine>",
                "<auto><append>x</append></auto>",
                "<disk><size>5</size></disk>")) {
            Files.writeString(folder.resolve("part.tdl"), "<template version='1.1'>" + element + "</template>");

            assertThat(problems("<include src='part.tdl'/>", ParseOptions.defaults()))
                    .as(element)
                    .extracting(Problem::message)
                    .anyMatch(text -> text.contains("its other elements belong into the including template"));
        }
    }

    @Test
    void includesThatCanNotBeTakenInAreNamed() throws IOException {
        Files.writeString(folder.resolve("loop.tdl"), "<template version='1.1'><include src='loop.tdl'/></template>");
        Path outside = Files.createDirectories(folder.resolve("outside"));
        Files.writeString(outside.resolve("part.tdl"), PART);
        Path inside = Files.createDirectories(folder.resolve("inside"));
        Path file = Files.writeString(inside.resolve("web.tdl"), template("<include src='../outside/part.tdl'/>"));

        assertThat(problems("<include/>", ParseOptions.defaults()))
                .extracting(Problem::message)
                .anyMatch(text -> text.contains("lacks its attribute src"));
        assertThat(problems("<include src='none.tdl'/>", ParseOptions.defaults()))
                .extracting(Problem::message)
                .anyMatch(text -> text.startsWith("<include src=\"none.tdl\">: "));
        assertThat(problems("<include src='loop.tdl'/>", ParseOptions.defaults()))
                .extracting(Problem::message)
                .anyMatch(text -> text.contains("includes a file that is read already"));
        assertThat(problems("<include src='web.tdl'/>", ParseOptions.defaults()))
                .extracting(Problem::message)
                .anyMatch(text -> text.contains("includes a file that is read already"));
        assertThat(problems("<include src='a&#xFFFD;'/>", ParseOptions.untrusted()))
                .isNotEmpty();
        assertThatThrownBy(() -> Template.parse(file)).isInstanceOf(TemplateException.class);
        assertThat(new TdlReader(ParseOptions.defaults().withIncludes(Includes.ANY_LOCAL))
                        .read(file)
                        .orThrow()
                        .packages())
                .extracting(PackageRequest::name)
                .containsExactly("git", "vim");
    }

    @Test
    void aProblemOfAnIncludedFileIsPlacedInThatFile() throws IOException {
        Files.writeString(
                folder.resolve("part.tdl"), "<template version='1.1'>\n<packages><package/></packages>\n</template>");

        assertThat(problems("<include src='part.tdl'/>", ParseOptions.defaults()))
                .anySatisfy(problem -> {
                    assertThat(problem.toString()).contains(folder.resolve("part.tdl") + ":2:11");
                    assertThat(problem.message()).contains("lacks its attribute name");
                });
    }

    private static final String PARAMETERS =
            """
            <parameters>
              <parameter name="host" default="www"/>
              <parameter name="who"/>
            </parameters>
            <description>${host} for ${who}, $${who}, $1 and 5$</description>
            <files><file name="/etc/${host}">${who}</file></files>
            """;

    @Test
    void parametersAreReplacedInTextsAndAttributes() {
        Template web = new TdlReader(ParseOptions.defaults().withParameters(Map.of("who", "me & <you>")))
                .read(template(PARAMETERS))
                .orThrow();

        assertThat(web.description()).contains("www for me & <you>, ${who}, $1 and 5$");
        assertThat(web.files()).containsExactly(new GuestFile("/etc/www", new Content.Text("me & <you>")));
    }

    @Test
    void aGivenValueWinsOverTheDefault() {
        Template web = new TdlReader(ParseOptions.defaults().withParameters(Map.of("who", "me", "host", "db")))
                .read(template(PARAMETERS))
                .orThrow();

        assertThat(web.files()).extracting(GuestFile::path).containsExactly("/etc/db");
    }

    @Test
    void aParameterWithoutAValueIsAskedForByName() {
        assertThatThrownBy(() -> Template.parse(template(PARAMETERS)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("parameter \"who\" has no value; give it one (-D who=VALUE) or a default");
    }

    @Test
    void aValueForNoParameterIsRefusedWithThoseThatThereAre() {
        TdlReader reader =
                new TdlReader(ParseOptions.defaults().withParameters(Map.of("b", "1", "a", "2", "who", "x")));

        assertThat(reader.read(template(PARAMETERS)).problems())
                .extracting(Problem::message)
                .containsExactly(
                        "there is no parameter \"a\" to set; the template declares host, who",
                        "there is no parameter \"b\" to set; the template declares host, who");
        assertThat(reader.read(template("")).problems())
                .extracting(Problem::message)
                .contains("there is no parameter \"a\" to set; the template declares none");
    }

    @Test
    void aDefaultIsNoUseOfAParameter() {
        Template web = Template.parse(template(
                "<parameters><parameter name='price' default='${5}'/></parameters><description>x</description>"));

        assertThat(web.description()).contains("x");
    }

    @Test
    void aParametersNameIsLookedAt() {
        assertThat(new TdlReader(ParseOptions.defaults())
                        .read(template("<parameters><parameter name='1a' default='x'/></parameters>"))
                        .problems())
                .extracting(Problem::message)
                .anyMatch(text -> text.startsWith("parameter name \"1a\" won't do"));
    }
}
