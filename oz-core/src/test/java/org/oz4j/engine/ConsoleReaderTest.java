package org.oz4j.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ConsoleReaderTest {
    @TempDir
    Path folder;

    private Path file;
    private ConsoleReader reader;

    @BeforeEach
    void make() {
        file = folder.resolve("console.log");
        reader = new ConsoleReader(file);
    }

    private void print(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void hearsNothingBeforeTheFileIsThere() throws IOException {
        assertThat(reader.poll()).isEmpty();
        assertThat(reader.prompt()).isEmpty();
    }

    @Test
    void givesEachLineOnceAndKeepsAPromptApart() throws IOException {
        print("one\r\ntwo\r\nPrompt: ");
        assertThat(reader.poll()).containsExactly("one", "two");
        assertThat(reader.prompt()).isEqualTo("Prompt:");

        assertThat(reader.poll()).isEmpty();
        print("yes\r\n");
        assertThat(reader.poll()).containsExactly("Prompt: yes");
        assertThat(reader.prompt()).isEmpty();
    }

    @Test
    void takesControlSequencesOut() throws IOException {
        print("\u001b[1;31mred\u001b[0m \u001b]0;title\u0007text\u001b(B\u0007\n");

        assertThat(reader.poll()).containsExactly("red text");
    }

    @Test
    void keepsWhatAProgressDisplayShowedLast() throws IOException {
        print("10%\r55%\r100% done\n");

        assertThat(reader.poll()).containsExactly("100% done");
    }

    @Test
    void putsCharactersTogetherThatArriveInPieces() throws IOException {
        byte[] bytes = "Größe\n".getBytes(StandardCharsets.UTF_8);
        Files.write(file, new byte[] {bytes[0], bytes[1], bytes[2]});
        assertThat(reader.poll()).isEmpty();
        byte[] rest = java.util.Arrays.copyOfRange(bytes, 3, bytes.length);
        Files.write(file, rest, StandardOpenOption.APPEND);

        assertThat(reader.poll()).containsExactly("Größe");
    }

    @Test
    void keepsTheLastLinesOnly() throws IOException {
        for (int i = 0; i < 100; i++) {
            print("line " + i + "\n");
        }
        reader.poll();

        assertThat(reader.lastLines(3)).containsExactly("line 97", "line 98", "line 99");
        assertThat(reader.lastLines(1000)).hasSize(60);
    }

    @Test
    void readsAScreenThatScrollsWithoutNewlines() throws IOException {
        // What Debian's installer prints on a serial line once screen(1) has filled its window, status bar and all.
        String up = "\r\u001b[22A\u001b[M\u001b[22B";
        String status = "\u001b[H\u001b[7m\u001b[m[  (\u001b[37m1*installer)  2 shell ][ Nov 23 21:36 ]";
        print("... 50%" + status + "\u001b[24;58H\u001b[0m... 100%" + up + "Finish the installation" + up
                + "!! ERROR: Installation step failed" + up + up + "[Press enter to continue] ");

        assertThat(reader.poll())
                .containsExactly(
                        "... 50%", "... 100%", "Finish the installation", "!! ERROR: Installation step failed");
        assertThat(reader.prompt()).isEqualTo("[Press enter to continue]");

        print(status);
        assertThat(reader.poll()).containsExactly("[Press enter to continue]");
        print("\r\u001b[23B\u001b[0m" + status + "\r\u001b[23B");
        assertThat(reader.poll()).as("a clock is no sign of life").isEmpty();
    }

    @Test
    void waitsForTheRestOfAControlSequence() throws IOException {
        print("one\u001b[2");
        assertThat(reader.poll()).isEmpty();
        print("2Btwo\n");

        assertThat(reader.poll()).containsExactly("one", "two");
    }

    @Test
    void waitsForWhatComesBehindAnEscape() throws IOException {
        print("one\u001b");
        assertThat(reader.poll()).isEmpty();
        print("[22Btwo\n");

        assertThat(reader.poll()).containsExactly("one", "two");
    }

    /** Insertion of characters ends with the first of the bytes that can end a sequence, keys with the last. */
    @Test
    void keepsALineTogetherWhoseControlSequencesStayOnIt() throws IOException {
        print("make \u001b[4@Bison\u001b[5~ first\n");

        assertThat(reader.poll()).containsExactly("make Bison first");
    }

    @Test
    void readsOnFromTheBeginningOfAFileThatTookTheOldOnesPlace() throws IOException {
        print("the first line of the first file\n");
        reader.poll();
        Files.writeString(file, "second file\n");

        assertThat(reader.poll()).containsExactly("second file");
    }

    @Test
    void cutsALineThatNeverEndsAndLosesNothingOfIt() throws IOException {
        String line = IntStream.range(0, 2000).mapToObj("%5d"::formatted).collect(Collectors.joining());
        print(line);

        List<String> lines = reader.poll();

        assertThat(lines).hasSize(2).allSatisfy(part -> assertThat(part).hasSize(4000));
        assertThat(String.join("", lines) + reader.prompt()).isEqualTo(line);
        print("\n" + "x".repeat(4000) + "\ny\n");
        assertThat(reader.poll()).containsExactly(line.substring(8000), "x".repeat(4000), "y");
    }
}
