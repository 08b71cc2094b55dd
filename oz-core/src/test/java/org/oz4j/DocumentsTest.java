package org.oz4j;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.config.LoadedConfig;
import org.oz4j.config.OzConfig;
import org.oz4j.template.ParseOptions;
import org.oz4j.template.Template;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

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
    void templatesCanBeRead(String xml, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("packages.xml"), "<packages><package name=\"vim\"/></packages>");
        Files.writeString(folder.resolve("motd"), "Welcome");
        Template template = Template.parse(Files.writeString(folder.resolve("a.tdl"), xml));

        assertThat(Template.parse(template.toXml())).isEqualTo(template);
    }

    /** An element that a table explains, and the last column of its row. */
    record Example(String path, String xml) {}

    static Stream<Example> examples() throws IOException {
        Pattern row = Pattern.compile("(?m)^\\| `([^`]+)`.*\\| `(<[a-z].*>)` \\|$");
        List<Example> rows = new ArrayList<>();
        String parent = "";
        for (MatchResult match : row.matcher(Files.readString(DOCS.resolve("template.md")))
                .results()
                .toList()) {
            String path = match.group(1).replaceAll("@.*", "");
            if (path.startsWith("...")) {
                path = path.replace("...", parent);
            } else {
                parent = path;
            }
            rows.add(new Example(path, match.group(2)));
        }
        assertThat(rows).hasSizeGreaterThan(40);
        return rows.stream().filter(example -> !example.path.equals("template")); // seen in the whole examples
    }

    @ParameterizedTest
    @MethodSource("examples")
    void examplesOfElementsCanBeRead(Example example, @TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("common.tdl"), "<template version=\"1.1\"/>");
        Files.writeString(folder.resolve("own.cfg"), "");
        Document document = parse(
                """
                <template version="1.1">
                  <name>n</name>
                  <os>
                    <name>a</name><version>1</version><arch>x86_64</arch>
                    <install type="iso"><iso>http://e.org/x.iso</iso></install>
                  </os>
                </template>""");
        Element shown = parse("<shown>" + example.xml + "</shown>").getDocumentElement();
        Element parent = document.getDocumentElement();
        String[] steps = example.path.split("/");
        for (int i = 0;
                i < steps.length - 1 && !steps[i].equals(shown.getFirstChild().getNodeName());
                i++) {
            parent = child(parent, steps[i]);
        }
        for (Node node = shown.getFirstChild(); node != null; node = node.getNextSibling()) {
            for (Element same : children(parent, node.getNodeName())) {
                parent.removeChild(same);
            }
            if (example.path.equals("os/install/url")) {
                parent.setAttribute("type", "url");
                children(parent, "iso").forEach(parent::removeChild);
            }
            parent.appendChild(document.importNode(node, true));
        }
        Path file = folder.resolve("a.tdl");
        TransformerFactory.newInstance()
                .newTransformer()
                .transform(new DOMSource(document), new StreamResult(file.toFile()));

        assertThat(Template.examine(file, ParseOptions.defaults()).problems()).isEmpty();
    }

    private static Document parse(String xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static Element child(Element parent, String name) {
        List<Element> found = children(parent, name);
        if (!found.isEmpty()) {
            return found.get(0);
        }
        Element made = parent.getOwnerDocument().createElement(name);
        if (name.matches("repository|package|user")) {
            made.setAttribute("name", "n");
        }
        if (name.equals("repository")) {
            child(made, "url").setTextContent("http://e.org/");
        }
        return (Element) parent.appendChild(made);
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    @Test
    void configurationsCanBeRead(@TempDir Path folder) throws IOException {
        for (String ini : blocks("configuration.md", "ini")) {
            Path file = Files.writeString(folder.resolve("oz.cfg"), ini);

            assertThat(OzConfig.load(file, Map.of(), folder).outputDir()).isEqualTo(folder.resolve("images"));
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void examplesOfSettingsCanBeRead(String section, String key, String variable, String value, @TempDir Path folder)
            throws IOException {
        Path file = Files.writeString(folder.resolve("oz.cfg"), "[" + section + "]\n" + key + " = " + value + "\n");
        Path nothing = Files.writeString(folder.resolve("empty.cfg"), "");

        OzConfig byFile = OzConfig.load(file, Map.of(), folder);

        assertThat(byFile).isNotEqualTo(OzConfig.load(nothing, Map.of(), folder));
        assertThat(LoadedConfig.read(Optional.of(file)).values())
                .filteredOn(one -> one.section().equals(section) && one.key().equals(key))
                .singleElement()
                .satisfies(one -> assertThat(one.variable()).isEqualTo(variable));
        if (!variable.isEmpty()) {
            assertThat(OzConfig.load(nothing, Map.of(variable, value), folder)).isEqualTo(byFile);
        }
    }

    static Stream<Arguments> settings() throws IOException {
        Pattern row =
                Pattern.compile("(?m)^\\| ([a-z]+) \\| `([a-z_]+)` \\| (?:`(OZ_[A-Z_]+)`)? ?\\|.*\\| `([^`]+)` \\|$");
        List<Arguments> rows = row.matcher(Files.readString(DOCS.resolve("configuration.md")))
                .results()
                .map(match -> Arguments.of(
                        match.group(1), match.group(2), match.group(3) == null ? "" : match.group(3), match.group(4)))
                .toList();
        assertThat(rows).hasSameSizeAs(LoadedConfig.read(Optional.empty()).values());
        return rows.stream();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tdl-1.0.rng", "tdl-1.1.rng"})
    void theSchemasAreThoseOfTheReader(String name) throws IOException {
        assertThat(DOCS.resolve(name)).hasSameTextualContentAs(SCHEMAS.resolve(name));
    }
}
