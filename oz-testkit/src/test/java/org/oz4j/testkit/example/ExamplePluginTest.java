package org.oz4j.testkit.example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.media.IsoWriter;
import org.oz4j.spi.OsPlugin;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeHypervisor;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.OsPluginContract;

import static org.assertj.core.api.Assertions.assertThat;

class ExamplePluginTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new ExamplePlugin();
    }

    @Test
    void installs(@TempDir Path folder) throws Exception {
        FakeHypervisor hypervisor = FakeHypervisor.kvm().guest(machine -> GuestScript.start()
                .prints("installer: copying\n")
                .worksFor(Duration.ofMinutes(5))
                .installs()
                .says(1, machine.token(Pattern.compile("at-end echo (\\S+)")) + "\n")
                .powersOff());
        Path iso = folder.resolve("example.iso");
        IsoWriter.write(iso, "EXAMPLE", Map.of("boot/vmlinuz", new byte[1000]));
        Template template = Template.builder("web", "ExampleOS", "2", Arch.X86_64)
                .iso(iso.toUri())
                .build();
        try (Oz oz = Oz.builder()
                .config(OzConfig.defaults(folder))
                .plugin(plugin())
                .hypervisor(hypervisor)
                .time(hypervisor.time())
                .build()) {
            InstalledImage image = oz.guest(template).installer().install();

            assertThat(image.disk()).exists();
        }
    }

    /** What the document shows is what is compiled and tested here. */
    @Test
    void theDocumentShowsThisPlugin() throws IOException {
        Path sources = Path.of("src/test/java/org/oz4j/testkit/example");
        String all = words(Files.readString(sources.resolve("ExamplePlugin.java"))
                + Files.readString(sources.resolve("ExamplePluginTest.java")));
        List<String> shown = Pattern.compile("(?s)```java\n(.*?)```")
                .matcher(Files.readString(Path.of("../docs/writing-a-plugin.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(shown).hasSizeGreaterThan(4).allSatisfy(block -> assertThat(all)
                .contains(words(block)));
    }

    private static String words(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }
}
