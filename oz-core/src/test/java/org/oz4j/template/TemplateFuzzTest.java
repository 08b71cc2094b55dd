package org.oz4j.template;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.ConfigException;
import org.oz4j.config.OzConfig;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever the bytes are, readers answer with a result or with problems that have a place, never by falling over.
 *
 * <p>The fuzz tests read the inputs that are kept beside this class's resources; with {@code JAZZER_FUZZ=1} and one of
 * them named ({@code -Dtest=TemplateFuzzTest#templates}) Jazzer looks for new ones.
 */
class TemplateFuzzTest {
    private static final Path HOME = Path.of("/home/nobody");
    private static final int ROUNDS = 400;
    private static final List<String> TOKENS = List.of(
            "<",
            ">",
            "/>",
            "</",
            "&",
            "&lt;",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?xml",
            "\"",
            "'",
            "${",
            "}",
            "$${",
            "<os>",
            "</os>",
            "<include src='x'/>",
            "version='1.1'",
            "\u0000",
            "\uFFFE",
            "\u00fc",
            "<disk>",
            "=",
            " ",
            "\n",
            "-",
            "..",
            "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/hostname'/>");

    @FuzzTest(maxDuration = "30m")
    void templates(byte[] input) {
        readTemplate(input);
    }

    @FuzzTest(maxDuration = "30m")
    void configurations(byte[] input) throws IOException {
        Path folder = Files.createTempDirectory("oz-fuzz");
        Path file = Files.write(folder.resolve("oz.cfg"), input);
        try {
            readConfiguration(file);
        } finally {
            Files.delete(file);
            Files.delete(folder);
        }
    }

    private static void readTemplate(byte[] input) {
        TemplateReport report = new TdlReader(ParseOptions.untrusted()).read(new ByteArrayInputStream(input), "f");

        assertThat(report.template().isPresent() || !report.problems().isEmpty())
                .as(new String(input, StandardCharsets.ISO_8859_1))
                .isTrue();
        report.template().ifPresent(template -> {
            Template again = Template.parse(template.toXml(), ParseOptions.untrusted());
            assertThat(again).isEqualTo(template);
        });
    }

    private static void readConfiguration(Path file) {
        try {
            assertThat(OzConfig.load(file, Map.of(), HOME).cpus()).isPositive();
        } catch (ConfigException e) {
            assertThat(e.problems()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void templatesOfAnyBytes(long seed) throws IOException {
        byte[] whole =
                TemplateFuzzTest.class.getResourceAsStream("fuzz-seed.tdl").readAllBytes();
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            readTemplate(mutated(whole, random));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void configurationsOfAnyBytes(long seed, @TempDir Path folder) throws IOException {
        byte[] whole =
                "[paths]\noutput_dir = ~/images\n[libvirt]\ncpus = 4\nnetwork = bridge:br0\n[cache]\nsize = 5 GB\n"
                        .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(seed);
        Path file = folder.resolve("oz.cfg");
        for (int i = 0; i < ROUNDS; i++) {
            readConfiguration(Files.write(file, mutated(whole, random)));
        }
    }

    private static byte[] mutated(byte[] whole, Random random) {
        StringBuilder text = new StringBuilder(new String(whole, StandardCharsets.ISO_8859_1));
        for (int n = random.nextInt(4); n >= 0 && !text.isEmpty(); n--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, TOKENS.get(random.nextInt(TOKENS.size())));
                case 2 -> text.setCharAt(at, (char) random.nextInt(256));
                case 3 -> text.delete(at, Math.min(text.length(), at + random.nextInt(80)));
                default -> text.insert(at, text.substring(random.nextInt(at + 1), at));
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
