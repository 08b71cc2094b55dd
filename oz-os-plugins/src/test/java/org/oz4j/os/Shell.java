package org.oz4j.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;

/** Scripts, as a real shell reads them. */
public final class Shell {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Shell() {}

    /** Checks that a shell understands a script. */
    public static void check(String shell, String script, Path folder) {
        Path file = write(script, folder);
        Commands.Result result = run(List.of(shell, "-n", file.toString()));
        assertThat(result.errors()).as(script).isEmpty();
        assertThat(result.status()).isZero();
    }

    /** What a script prints that ends well. */
    public static String output(String script, Path folder) {
        Commands.Result result = run(List.of("sh", write(script, folder).toString()));
        assertThat(result.errors()).as(script).isEmpty();
        assertThat(result.status()).as(script).isZero();
        return result.output();
    }

    /** The arguments, each in angle brackets, that lines of a script have for a command. */
    public static String arguments(String script, String command, Path folder) {
        String lines = String.join(
                "\n",
                script.lines().filter(line -> line.contains(command + " ")).toList());
        return output(
                command.replaceAll(".* ", "") + "() { printf '<%s>' \"$@\"; echo; }\n"
                        + lines.replaceAll("(?m)^.*?" + command + " ", command.replaceAll(".* ", "") + " ")
                        + "\n",
                folder);
    }

    private static Path write(String script, Path folder) {
        try {
            return Files.writeString(folder.resolve("script"), script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Commands.Result run(List<String> command) {
        try {
            return Commands.run(command, LIMIT);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
