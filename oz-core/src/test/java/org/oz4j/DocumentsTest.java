package org.oz4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;

/** What the documents show works. */
class DocumentsTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Path SCHEMAS = Path.of("src/main/resources/org/oz4j/template");

    private static List<String> blocks(String document, String language) throws IOException {
        Pattern block = Pattern.compile("(?s)```" + language + "\n(.*?)```");
        return block.matcher(Files.readString(DOCS.resolve(document)))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    static Stream<String> templates() throws IOException {
        List<String> found = blocks("template.md", "xml");
        assertThat(found).hasSizeGreaterThan(1);
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("templates")
    void templatesCanBeRead(String xml) {
        Template template = Template.parse(xml);

        assertThat(Template.parse(template.toXml())).isEqualTo(template);
    }

    /** The last column of a table's row, with the element that it belongs into. */
    static Stream<String> examples() throws IOException {
        Pattern row = Pattern.compile("(?m)^\\| `([a-z/@-]+)`.*\\| `(<[a-z].*>)` \\|$");
        List<MatchResult> rows = row.matcher(Files.readString(DOCS.resolve("template.md")))
                .results()
                .toList();
        assertThat(rows).hasSizeGreaterThan(15);
        return rows.stream().map(match -> match.group(1) + " " + match.group(2));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void examplesOfElementsCanBeRead(String example) {
        String path = example.substring(0, example.indexOf(' '));
        String xml = example.substring(example.indexOf(' ') + 1);
        if (!xml.endsWith("/>") && !xml.contains("</")) {
            return; // a tag alone, to show an attribute
        }
        String install = "<install type=\"iso\"><iso>http://e.org/x.iso</iso>INSTALL</install>";
        String template = "<template version=\"1.1\"><name>n</name><os><name>a</name><version>1</version>"
                + "<arch>x86_64</arch>" + install + "OS</os>REST</template>";
        String at = path.startsWith("os/install/extras")
                ? template.replace("INSTALL", "<extras>" + xml + "</extras>")
                : path.startsWith("os/install/") && !xml.startsWith("<url") && !xml.startsWith("<iso")
                        ? template.replace("INSTALL", xml)
                        : path.startsWith("os/")
                                        && !xml.startsWith("<url")
                                        && !xml.startsWith("<iso")
                                        && !xml.startsWith("<name")
                                        && !xml.startsWith("<arch")
                                ? template.replace("OS</os>", xml + "</os>")
                                : "";
        if (at.isEmpty()) {
            return; // seen in the whole examples
        }
        assertThat(Template.parse(at.replace("INSTALL", "")
                                .replace("OS</os>", "</os>")
                                .replace("REST", ""))
                        .name())
                .isEqualTo("n");
    }

    @Test
    void configurationsCanBeRead(@TempDir Path folder) throws IOException {
        for (String ini : blocks("configuration.md", "ini")) {
            Path file = Files.writeString(folder.resolve("oz.cfg"), ini);

            assertThat(OzConfig.load(file, Map.of(), folder).outputDir()).isEqualTo(folder.resolve("images"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tdl-1.0.rng", "tdl-1.1.rng"})
    void theSchemasAreThoseOfTheReader(String name) throws IOException {
        assertThat(DOCS.resolve(name)).hasSameTextualContentAs(SCHEMAS.resolve(name));
    }
}
