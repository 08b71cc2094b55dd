package org.oz4j.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.StoppedTime;
import org.oz4j.TimeSource;

import static org.assertj.core.api.Assertions.assertThat;

class FileLockTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void make() {
        file = folder.resolve("locks/one.lock");
    }

    @Test
    void isHeldByOneAtATimeAndLeavesNoFile() throws IOException {
        try (FileLock lock = FileLock.tryAcquire(file).orElseThrow()) {
            assertThat(lock.leftText()).isEmpty();
            assertThat(FileLock.tryAcquire(file)).isEmpty();
        }
        assertThat(file).doesNotExist();
        FileLock.tryAcquire(file).orElseThrow().close();
    }

    @Test
    void tellsWhatItsOwnerWroteAndNobodyElseMayRead() throws IOException {
        try (FileLock lock = FileLock.tryAcquire(file).orElseThrow()) {
            lock.write("a longer text at first");
            lock.write("process=7\n");

            assertThat(FileLock.peek(file)).isEqualTo("process=7\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(FileLock.peek(file)).isEmpty();
    }

    @Test
    void handsTheTextOfAnOwnerThatDiedToTheNext() throws IOException {
        FileLock first = FileLock.tryAcquire(file).orElseThrow();
        first.write("left");
        first.release();

        try (FileLock next = FileLock.tryAcquire(file).orElseThrow()) {
            assertThat(next.leftText()).isEqualTo("left");
            assertThat(FileLock.peek(file)).as("still there until replaced").isEqualTo("left");
        }
    }

    @Test
    void survivesAnInterruptOfItsOwner() throws IOException {
        try (FileLock lock = FileLock.tryAcquire(file).orElseThrow()) {
            Thread.currentThread().interrupt();
            lock.write("text");

            assertThat(Thread.interrupted()).isTrue();
            assertThat(FileLock.tryAcquire(file)).as("still held").isEmpty();
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void isHeldAgainstOtherProgramsToo() throws Exception {
        Path source = folder.resolve("Try.java");
        Files.writeString(
                source,
                """
                import java.nio.channels.*;
                import java.nio.file.*;
                class Try {
                  public static void main(String[] a) throws Exception {
                    try (FileChannel c = FileChannel.open(Path.of(a[0]), StandardOpenOption.WRITE)) {
                      System.out.print(c.tryLock() == null ? "held" : "free");
                    }
                  }
                }
                """);
        try (FileLock lock = FileLock.tryAcquire(file).orElseThrow()) {
            lock.write("mine");
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            Commands.Result result = Commands.run(
                    List.of(java, "-XX:TieredStopAtLevel=1", source.toString(), file.toString()),
                    Duration.ofSeconds(30));
            assertThat(result.output()).as(result.errors()).isEqualTo("held");
        }
    }

    @Test
    void waitsForItsTurn() throws Exception {
        FileLock first = FileLock.tryAcquire(file).orElseThrow();
        AtomicInteger waits = new AtomicInteger();
        TimeSource time = new StoppedTime(duration -> {
            if (waits.incrementAndGet() == 3) {
                try {
                    first.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });

        FileLock.acquire(file, time).close();

        assertThat(waits).hasValue(3);
    }
}
