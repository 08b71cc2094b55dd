package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Diagnosis;
import org.oz4j.Diagnosis.Cause;
import org.oz4j.InstallFailedException.Kind;

import static org.assertj.core.api.Assertions.assertThat;

/** What guests print when an install fails: captured here, or as the source in the first line of a file has it. */
class DiagnoserTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** A console, its cause, and where it is from. */
    record Capture(String name, Cause cause, List<String> lines) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Capture> captures() throws Exception {
        Path corpus = Path.of(DiagnoserTest.class.getResource("consoles").toURI());
        try (Stream<Path> files = Files.list(corpus)) {
            return files.sorted().map(DiagnoserTest::capture).toList().stream();
        }
    }

    private static Capture capture(Path file) {
        try {
            List<String> all = Files.readAllLines(file);
            return new Capture(
                    file.getFileName().toString(),
                    Cause.valueOf(all.get(0).split("[# |]+")[1]),
                    all.subList(1, all.size()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void tellsTheCauseOfACapturedConsole(Capture capture) throws Exception {
        // as the engine reads it, with the ends of lines that a terminal gets
        Path console = folder.resolve("console.log");
        Files.writeString(console, String.join("\r\n", capture.lines()) + "\r\n");
        ConsoleReader reader = new ConsoleReader(console);
        reader.poll();

        Diagnosis diagnosis =
                Diagnoser.diagnose(Kind.NO_SUCCESS_TOKEN, Optional.empty(), reader.lastLines(40), List.of());

        assertThat(diagnosis.cause()).as(diagnosis.toString()).isEqualTo(capture.cause());
        assertThat(diagnosis.remedy().isPresent()).isEqualTo(capture.cause() != Cause.UNKNOWN);
        assertThat(diagnosis.words().isPresent()).isEqualTo(capture.cause() != Cause.UNKNOWN);
        assertThat(String.join(" ", capture.lines()).replaceAll("\\s+", " "))
                .contains(diagnosis.words().orElse(""));
    }

    @Test
    void everyClassOfCauseThatIsToldByWordsHasACapture() throws Exception {
        assertThat(captures().map(Capture::cause).distinct())
                .containsAll(Stream.of(Cause.values())
                        .filter(cause -> cause != Cause.TIME_LIMIT)
                        .toList());
    }

    @Test
    void everyRuleIsMetByACaptureAndHasItsSource() throws Exception {
        List<String> texts =
                captures().map(each -> String.join("\n", each.lines())).toList();

        assertThat(Diagnoser.rules())
                .allSatisfy(rule -> assertThat(texts)
                        .as(rule.toString())
                        .anyMatch(text -> rule.message().matcher(text).find()))
                .allSatisfy(rule -> assertThat(rule.source()).isNotBlank());
    }

    @Test
    void theLineThatEndedTheInstallSaysMoreThanThoseBeforeIt() {
        Diagnosis diagnosis = Diagnoser.diagnose(
                Kind.INSTALLER_ERROR,
                Optional.of("!! ERROR: Bad archive mirror"),
                List.of("Kernel panic - not syncing: of another machine"),
                List.of());

        assertThat(diagnosis.cause()).isEqualTo(Cause.MIRROR);
    }

    @Test
    void theInstallersLogIsAskedWhereTheConsoleSaysNothing() {
        List<String> log = List.of(
                "debootstrap: Couldn't retrieve dists/trixie/Release. This may be due to a network problem",
                "main-menu: exiting");

        assertThat(Diagnoser.diagnose(Kind.NO_SUCCESS_TOKEN, Optional.empty(), List.of("Power down"), log)
                        .words())
                .contains(log.get(0));
    }

    @Test
    void whatNoLineTellsIsToldByHowItEnded() {
        Diagnosis diagnosis =
                Diagnoser.diagnose(Kind.QUESTION, Optional.of("Colour of the curtains?"), List.of(), List.of());

        assertThat(diagnosis)
                .isEqualTo(new Diagnosis(Cause.QUESTION, Optional.of("Colour of the curtains?"), Optional.empty()));
        assertThat(Stream.of(Kind.values())
                        .map(kind -> Diagnoser.diagnose(kind, Optional.empty(), List.of(), List.of())
                                .cause())
                        .toList())
                .containsExactly(
                        Cause.UNKNOWN,
                        Cause.QUESTION,
                        Cause.KERNEL_PANIC,
                        Cause.UNKNOWN,
                        Cause.UNKNOWN,
                        Cause.TIME_LIMIT,
                        Cause.TIME_LIMIT,
                        Cause.HOST_TROUBLE);
    }
}
