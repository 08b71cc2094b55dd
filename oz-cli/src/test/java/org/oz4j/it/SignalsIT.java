package org.oz4j.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Oz;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;

/** SIGTERM at the begin of each step, to the real program with a real guest. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SignalsIT {
    private static final int MEMORY = 512;
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @TempDir
    static Path folder;

    private static Path iso = Path.of("not built yet");
    private static Path installed = Path.of("not installed yet");

    @BeforeAll
    static void installsAnImage() throws Exception {
        iso = Lab.tinyIso(folder);
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            installed = oz.guest(Template.parse(TinyLinux.template("visited", iso)))
                    .installer()
                    .install()
                    .disk();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reserve", "fetch", "describe", "medium", "disk image", "install", "check", "publish"})
    void endsAnInstall(String step) throws Exception {
        String name = "install-" + step.replace(' ', '-');
        Path tdl = Files.writeString(folder.resolve(name + ".tdl"), TinyLinux.template(name, iso));
        List<Path> before = files();

        int status = terminated(step, "install", tdl.toString());

        Lab.assertNothingLeft(folder, name);
        Path disk = folder.resolve("images/" + name + ".dsk");
        if (status == 0) { // it was through with its last step
            assertThat(step).isIn("check", "publish");
            assertThat(disk).exists();
        } else {
            assertThat(files()).as("files").isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reserve", "overlay", "enter", "change", "shut down", "finish", "publish"})
    void endsACustomising(String step) throws Exception {
        endsAVisit(
                step,
                "<commands><command name='mark'>echo " + step + " >>/root/mark; sleep 1</command></commands>",
                "customize");
    }

    @ParameterizedTest
    @ValueSource(strings = {"enter", "list"})
    void endsAListing(String step) throws Exception {
        Path list = folder.resolve("list.log");
        endsAVisit(step, "", "icicle", "-i", list.toString());
    }

    private static void endsAVisit(String step, String more, String... command) throws Exception {
        Path tdl = Files.writeString(
                folder.resolve("visited.tdl"),
                TinyLinux.template("visited", iso).replace("</template>", more + "</template>"));
        String image = Lab.sha256(installed);
        List<Path> before = files();

        int status = terminated(
                step,
                Stream.concat(Stream.of(command), Stream.of(tdl.toString())).toArray(String[]::new));

        Lab.assertNothingLeft(folder, "visited");
        assertThat(files()).as("files").isEqualTo(before);
        if (status == 0) { // it was through with its last step
            assertThat(step).isIn("finish", "publish", "list");
        }
        if (status != 0 || step.equals("list")) {
            assertThat(Lab.sha256(installed)).as("the image").isEqualTo(image);
        }
    }

    /** Runs the program, ends it as that step begins, and gives its exit status. */
    private static int terminated(String step, String... arguments) throws Exception {
        Path log = Files.createTempFile("oz-signal", ".log"); // not among the files that are compared
        Process oz = Lab.oz(folder, log, MEMORY, arguments);
        try {
            Lab.await(log, "] " + step + "\n", Duration.ofMinutes(5));

            oz.destroy();

            assertThat(oz.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                    .as(Lab.read(log))
                    .isTrue();
            assertThat(oz.exitValue()).as(Lab.read(log)).isIn(130, 0);
            return oz.exitValue();
        } finally {
            oz.destroyForcibly();
            Files.delete(log);
        }
    }

    /** What lies about but logs and what speeds the next run up. */
    private static List<Path> files() throws Exception {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(folder::relativize)
                    .filter(path -> !path.toString().matches(".*\\.(tdl|log)|data/(cache|embed)/.*"))
                    .sorted()
                    .toList();
        }
    }
}
