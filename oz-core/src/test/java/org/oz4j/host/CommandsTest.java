package org.oz4j.host;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.oz4j.HostSetupException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CommandsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void givesStatusAndBothOutputs() throws InterruptedException {
        Commands.Result result = Commands.run(List.of("sh", "-c", "echo out; echo err >&2; exit 3"), LIMIT);

        assertThat(result).isEqualTo(new Commands.Result(3, "out\n", "err\n"));
    }

    @Test
    void saysWhichProgramIsMissing() {
        assertThatThrownBy(() -> Commands.run(List.of("no-such-program-here"), LIMIT))
                .isInstanceOf(HostSetupException.class)
                .hasMessageContaining("no-such-program-here");
    }

    @Test
    void endsACommandThatTakesTooLong() {
        assertThatThrownBy(() -> Commands.run(List.of("sleep", "1000"), Duration.ofMillis(50)))
                .isInstanceOf(HostSetupException.class)
                .hasMessageContaining("sleep 1000");
        assertThat(ProcessHandle.current()
                        .descendants()
                        .map(handle -> handle.info().commandLine().orElse("")))
                .noneMatch(line -> line.contains("sleep 1000"));
    }

    @Test
    void endsTheCommandWhenInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> Commands.run(List.of("sleep", "1001"), LIMIT))
                .isInstanceOf(InterruptedException.class);
    }
}
