package org.oz4j.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.testkit.tiny.TinyLinux;

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

    private Launchers.Ended run(String launcher, String... arguments) throws Exception {
        return new Launchers(folder).run(launcher, arguments);
    }

    @Test
    void helpGoesToStandardOutputWithStatusZero() throws Exception {
        for (String launcher : List.of("oz-install", "oz-customize", "oz-generate-icicle", "oz-cleanup-cache")) {
            Launchers.Ended ended = run(launcher, "-h");

            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(ended.out()).contains("Usage: " + launcher);
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void badUsageGoesToStandardErrorWithStatusTwo() throws Exception {
        Launchers.Ended ended = run("oz-install", "--nonsense", "x.tdl");

        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("--nonsense");
    }

    @Test
    void aTemplateThatIsNotThereOrNotSupportedIsNamed() throws Exception {
        Launchers.Ended gone = run("oz-install", folder.resolve("gone.tdl").toString());
        Path ancient = Files.writeString(folder.resolve("ancient.tdl"), TEMPLATE.formatted("2.2"));
        Launchers.Ended old = run("oz-customize", ancient.toString(), ancient.toString());

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

        Launchers.Ended ended = run("oz", "validate", "--json", good.toString(), bad.toString());

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"valid\":true,\"findings\":[]"),
                        line -> assertThat(line).contains("\"valid\":false").contains("\"line\":2,\"column\":3"));
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void namesFilesOfAllScriptsWithoutALocaleToo() throws Exception {
        Files.writeString(folder.resolve("größe.tdl"), TEMPLATE.formatted("13"));

        Launchers.Ended ended = new Launchers(folder).shell("LC_ALL=C oz validate größe.tdl");

        assertThat(ended.out()).isEqualTo("größe.tdl: valid\n");
        assertThat(ended.status()).as(ended.err()).isZero();
    }

    @Test
    void plansWithoutNetworkOrGuest() throws Exception {
        Path good = Files.writeString(folder.resolve("good.tdl"), TEMPLATE.formatted("13"));

        Launchers.Ended ended = run("oz", "plan", "--json", good.toString());

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("\"name\":\"web\"").contains("\"domainXml\":\"");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void theDomainsFileIsWrittenEvenWhereCustomisingFails() throws Exception {
        Lab.assumeTinyLinux();
        Path iso = TinyLinux.create(folder.resolve("cache")).buildIso(folder.resolve("tiny.iso"));
        Path template = Files.writeString(
                folder.resolve("fails.tdl"),
                TinyLinux.template("fails", iso)
                        .replace(
                                "</template>",
                                "<commands><command name=\"no\">echo out of luck >&amp;2; exit 3</command></commands>"
                                        + "</template>"));

        Launchers.Ended ended = run("oz-install", "-u", "-x", "domain.xml", template.toString());

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err()).contains("command no ended with status 3: out of luck");
        assertThat(folder.resolve("domain.xml")).content().contains(folder.resolve("images/fails.dsk") + "");
        Lab.assertNothingLeft(folder, "fails");
    }

    @Test
    void cleansTheCache() throws Exception {
        Path left =
                Files.createDirectories(folder.resolve("data/cache/incoming")).resolve("a.part");
        Files.write(left, new byte[1 << 20]);

        Launchers.Ended ended = run("oz-cleanup-cache");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("Freed 1 MiB");
        assertThat(left).doesNotExist();
    }
}
