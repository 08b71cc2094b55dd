package org.oz4j.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The examples of docs/commands.md, run by a shell as they stand there. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CommandsDocumentIT {
    private final Launchers launchers;
    private final String document;

    CommandsDocumentIT(@TempDir Path folder) throws Exception {
        launchers = new Launchers(folder);
        document = Files.readString(Path.of("..", "docs", "commands.md"));
        Files.writeString(folder.resolve("web.tdl"), blocks("xml").get(0));
    }

    private List<String> blocks(String language) {
        return Pattern.compile("(?s)```" + language + "\n(.*?)```")
                .matcher(document)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void examplesWithoutMachines() throws Exception {
        run(blocks("console").get(0));
    }

    @Test
    void examplesWithMachines() throws Exception {
        Lab.assumeTinyLinux();
        run(blocks("console").get(1));
    }

    private void run(String console) throws Exception {
        List<String> parts = Arrays.stream(console.split("(?m)^\\$ ")).skip(1).toList();
        assertThat(parts).isNotEmpty();
        for (String part : parts) {
            List<String> lines = new ArrayList<>(part.lines().toList());
            String command = lines.remove(0);

            Launchers.Ended ended = launchers.shell(command);

            assertThat(ended.status()).as(command + "\n" + ended.err()).isZero();
            assertThat(ended.err()).as(command).isEmpty();
            assertThat(ended.out()).as(command).matches(pattern(lines));
        }
    }

    /** The output that an example shows: three dots stand for anything in a line, alone for any lines. */
    private static Pattern pattern(List<String> lines) {
        return Pattern.compile(lines.stream()
                .map(line -> line.equals("...")
                        ? "(?s:.*\n)?"
                        : Arrays.stream(line.split("\\.\\.\\.", -1))
                                        .map(Pattern::quote)
                                        .collect(Collectors.joining(".*"))
                                + "\n")
                .collect(Collectors.joining()));
    }
}
