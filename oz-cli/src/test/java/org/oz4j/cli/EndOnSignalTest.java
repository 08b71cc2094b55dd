package org.oz4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class EndOnSignalTest {
    @Test
    void cleansUpAndEndsWith130OnSigterm() throws Exception {
        Process program = start();
        try (BufferedReader output = program.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("building");
            // unlike the process, its handle leaves the output open
            program.toHandle().destroy();

            assertThat(output.readLine()).isEqualTo("cleaned up");
            assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isEqualTo(130);
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void tellsOfSuccessWhereTheSignalCameTooLate() throws Exception {
        Process program = start("late");
        try (BufferedReader output = program.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("building");

            program.toHandle().destroy();

            assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isZero();
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void leavesTheExitCodeOfAProgramThatIsDone() throws Exception {
        Process program = start("7");
        try {
            assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isEqualTo(7);
        } finally {
            program.destroyForcibly();
        }
    }

    private static Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SignalledProgram.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
