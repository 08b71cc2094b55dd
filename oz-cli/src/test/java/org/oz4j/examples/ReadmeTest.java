package org.oz4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;

class ReadmeTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    void showsTheProgramThatIsCompiled() throws IOException {
        Matcher shown = PROGRAM.matcher(Files.readString(TOP.resolve("README.md")));
        assertThat(shown.find()).isTrue();
        String source = Files.readString(Path.of("src/test/java/org/oz4j/examples/InstallFromTemplate.java"));

        for (String line : shown.group(1).lines().map(String::strip).toList()) {
            assertThat(source).contains(line);
        }
        assertThat(shown.group(1).lines().filter(line -> !line.isBlank())).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void shipsATemplateThatCanBeRead() {
        assertThat(Template.parse(TOP.resolve("examples/debian-13.tdl")).name()).isEqualTo("debian-13");
    }
}
