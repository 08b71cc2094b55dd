package org.oz4j.it;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The launchers, as processes: exit codes, streams, files. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LaunchersIT {
    private static final String TEMPLATE =
            """
            <template version="1.0">
              <name>web</name>
              <os>
                <name>Debian</name><version>%s</version><arch>x86_64</arch>
                <install type="url"><url>http://deb.example.org/debian</url></install>
              </os>
            </template>
            """;

    private final Path folder;

    LaunchersIT(@TempDir Path folder) {
        this.folder = folder;
    }

    private record Ended(int status, String out, String err) {}

    private Ended run(String launcher, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Path.of("..", launcher).toRealPath().toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("OZ_NO_BUILD", "1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("OZ_DATA_DIR", folder.resolve("data").toString());
        builder.environment().put("OZ_OUTPUT_DIR", folder.resolve("images").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        int status = process.waitFor();
        return new Ended(
                status, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    @Test
    void helpGoesToStandardOutputWithStatusZero() throws Exception {
        for (String launcher : List.of("oz-install", "oz-customize", "oz-generate-icicle", "oz-cleanup-cache")) {
            Ended ended = run(launcher, "-h");

            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(ended.out()).contains("Usage: " + launcher);
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void badUsageGoesToStandardErrorWithStatusTwo() throws Exception {
        Ended ended = run("oz-install", "--nonsense", "x.tdl");

        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("--nonsense");
    }

    @Test
    void aTemplateThatIsNotThereOrNotSupportedIsNamed() throws Exception {
        Ended gone = run("oz-install", folder.resolve("gone.tdl").toString());
        Path ancient = Files.writeString(folder.resolve("ancient.tdl"), TEMPLATE.formatted("2.2"));
        Ended old = run("oz-customize", ancient.toString(), ancient.toString());

        assertThat(gone.status()).isEqualTo(2);
        assertThat(gone.err()).contains("gone.tdl").contains("no such file");
        assertThat(old.status()).isEqualTo(2);
        assertThat(old.err()).contains("Debian 2.2");
        assertThat(folder.resolve("images")).doesNotExist();
    }

    @Test
    void validatesManyAtOnce() throws Exception {
        Path good = Files.writeString(folder.resolve("good.tdl"), TEMPLATE.formatted("13"));
        Path bad = Files.writeString(
                folder.resolve("bad.tdl"), TEMPLATE.formatted("13").replace("web", "../web"));

        Ended ended = run("oz", "validate", "--json", good.toString(), bad.toString());

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"valid\":true,\"findings\":[]"),
                        line -> assertThat(line).contains("\"valid\":false").contains("\"line\":2,\"column\":3"));
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void plansWithoutNetworkOrGuest() throws Exception {
        Path good = Files.writeString(folder.resolve("good.tdl"), TEMPLATE.formatted("13"));

        Ended ended = run("oz", "plan", "--json", good.toString());

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("\"name\":\"web\"").contains("\"domainXml\":\"");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void cleansTheCache() throws Exception {
        Path cache = Files.createDirectories(folder.resolve("data/cache"));
        Files.write(cache.resolve("a.iso"), new byte[1 << 20]);

        Ended ended = run("oz-cleanup-cache");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("Freed 1 MiB");
        assertThat(cache).isEmptyDirectory();
    }
}
