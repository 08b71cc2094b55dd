package org.oz4j.testkit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Icicle;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.media.IsoWriter;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A run of the tiny Linux in a real machine, which {@link RecordingIT} wrote down, without that machine. */
class ReplayTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void whatAHostWithMachinesDidIsDoneAgainWithoutThem() throws Exception {
        try (Replay replay = Replay.of(recording())) {
            Icicle icicle = run(replay, RecordingIT.COMMAND);

            replay.verify();
            assertThat(icicle.packages()).extracting(Icicle.Item::name).containsExactly("base", "hello");
            assertThat(replay.time().elapsed()).isGreaterThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void anotherScriptThanTheRecordedOneIsTold() throws Exception {
        try (Replay replay = Replay.of(recording())) {
            assertThatThrownBy(() -> run(replay, "echo something else")).isInstanceOf(Exception.class);

            assertThatThrownBy(replay::verify)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("run in the guest now: ")
                    .hasMessageContaining("with another input")
                    .hasMessageContaining("recorded: ");
        }
    }

    @Test
    void whatIsNotDoneAgainIsTold() throws Exception {
        try (Replay replay = Replay.of(recording());
                Oz oz = oz(replay)) {
            oz.guest(RecordingIT.template(medium(), RecordingIT.COMMAND))
                    .installer()
                    .install();

            assertThatThrownBy(replay::verify)
                    .hasMessageContaining("done now: nothing")
                    .hasMessageContaining("\"boot\":\"FromDisk\"");
        }
    }

    @Test
    void aFileThatIsNoRecordingIsRefusedWithItsLine() throws Exception {
        Path file = Files.writeString(folder.resolve("other"), "{\"ms\":1,\"machine\":0,\"event\":\"host\"}\nhello\n");

        assertThatThrownBy(() -> Replay.of(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file + " is no recording: line 2");
    }

    private Icicle run(Replay replay, String command) throws Exception {
        try (Oz oz = oz(replay)) {
            return RecordingIT.run(oz, medium(), command);
        }
    }

    private Oz oz(Replay replay) {
        return Oz.builder()
                .hypervisor(replay.hypervisor())
                .time(replay.time())
                .config(OzConfig.defaults(folder))
                .build();
    }

    private Path recording() throws Exception {
        return Path.of(ReplayTest.class.getResource("tiny-linux.jsonl").toURI());
    }

    /** An ISO image with the files that Oz takes out of the tiny Linux's. */
    private Path medium() throws Exception {
        Path iso = folder.resolve("tiny.iso");
        IsoWriter.write(
                iso,
                TinyLinux.LABEL,
                Stream.of("boot/vmlinuz", "boot/initrd.gz")
                        .collect(Collectors.toMap(name -> name, name -> name.getBytes(StandardCharsets.US_ASCII))));
        return iso;
    }
}
