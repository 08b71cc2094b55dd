package org.oz4j.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.MediaException;
import org.oz4j.TimeSource;
import org.oz4j.host.Commands;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;
import org.oz4j.media.Remaster;
import org.oz4j.media.Stored;
import org.oz4j.media.TransferListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Media that are fetched, changed and kept on a disk that is full, becomes full, or can't be written. */
@Tag("vm")
@Timeout(300)
class FullDiskIT {
    private static final int MEBIBYTES = 8;

    @TempDir
    Path folder;

    private Path disk = Path.of("not set");
    private Path iso = Path.of("not set");
    private HttpServer server = KilledStoreIT.unused();
    private volatile Runnable midway = () -> {};

    @BeforeEach
    void serves() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/xorriso")), "needs xorriso");
        disk = Files.createDirectories(folder.resolve("disk"));
        assumeTrue(mount(4) == 0, "needs the right to mount a tmpfs");
        unmount();
        byte[] content = new byte[MEBIBYTES << 20];
        new Random(3).nextBytes(content);
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.write(tree.resolve("big"), content);
        iso = folder.resolve("medium.iso");
        ok("xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", iso.toString(), tree.toString());
        server.createContext("/medium.iso", this::serve);
        server.start();
    }

    private void serve(HttpExchange exchange) throws IOException {
        long size = Files.size(iso);
        exchange.sendResponseHeaders(200, size);
        try (OutputStream out = exchange.getResponseBody();
                InputStream in = Files.newInputStream(iso)) {
            out.write(in.readNBytes((int) size / 2));
            midway.run();
            in.transferTo(out);
        }
    }

    @AfterEach
    void stops() throws Exception {
        server.stop(0);
        unmount();
    }

    private int mount(int mebibytes) throws InterruptedException {
        return Commands.run(
                        List.of("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "oz-test", disk.toString()),
                        Duration.ofSeconds(10))
                .status();
    }

    private void unmount() throws InterruptedException {
        Commands.run(List.of("umount", disk.toString()), Duration.ofSeconds(10));
    }

    private static void ok(String... words) throws InterruptedException {
        Commands.Result result = Commands.run(List.of(words), Duration.ofMinutes(1));
        assertThat(result.status()).as(result.errors()).isZero();
    }

    private MediaStore store() {
        return new LocalMediaStore(disk.resolve("cache"), TimeSource.system());
    }

    private void fetchAndChange(MediaStore store) throws Exception {
        URI location = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/medium.iso");
        try (Stored medium =
                        store.fetch(List.of(location), Optional.empty(), MediaStore.Kind.MEDIA, TransferListener.NONE);
                Stored made = store.make(
                        MediaStore.Kind.MODIFIED,
                        "changed",
                        "changed.iso",
                        target -> Remaster.write(
                                medium.path(),
                                target.resolve("medium.iso"),
                                new Remaster.Change(
                                        Map.of("added", new byte[] {1}), Map.of(), Set.of(), Optional.empty())))) {
            assertThat(Files.mismatch(medium.path(), iso)).isEqualTo(-1);
            assertThat(made.path().resolve("medium.iso")).exists();
        }
    }

    private static void assertNothingIsLeftAfterCleaning(MediaStore store, Path folder) throws Exception {
        for (MediaStore.Kept kept : store.kept()) {
            assertThat(store.remove(kept)).as(kept.toString()).isTrue();
        }
        store.shrinkTo(0);
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString())
                            .filter(name -> !name.equals("secret")))
                    .isEmpty();
        }
    }

    @Test
    void aDiskThatIsTooSmallIsNamedWhateverItsSize() throws Exception {
        List<Integer> tooSmall = new ArrayList<>();
        for (int size = 1; size <= 4 * MEBIBYTES; size += 2) {
            assertThat(mount(size)).isZero();
            MediaStore store = store();
            Throwable failure = catchThrowable(() -> fetchAndChange(store));
            if (failure != null) {
                tooSmall.add(size);
                assertThat(failure).as("%s MiB", size).isInstanceOfSatisfying(MediaException.class, full -> assertThat(
                                full.kind())
                        .as(full.getMessage())
                        .isEqualTo(MediaException.Kind.NO_SPACE));
            }
            assertNothingIsLeftAfterCleaning(store, disk);
            unmount();
        }
        assertThat(tooSmall)
                .contains(1, MEBIBYTES - 1, MEBIBYTES + 1, 2 * MEBIBYTES - 1)
                .doesNotContain(31);
    }

    @Test
    void aDiskThatFillsUpMeanwhileIsNamedAndTheFetchGoesOnOnceThereIsRoom() throws Exception {
        assertThat(mount(4 * MEBIBYTES)).isZero();
        Path filler = disk.resolve("of-somebody-else");
        midway = () -> fill(filler);
        MediaStore store = store();

        Throwable failure = catchThrowable(() -> fetchAndChange(store));

        assertThat(failure).isInstanceOfSatisfying(MediaException.class, full -> assertThat(full.kind())
                .as(full.getMessage())
                .isEqualTo(MediaException.Kind.NO_SPACE));
        midway = () -> {};
        Files.delete(filler);
        fetchAndChange(store);
        assertNothingIsLeftAfterCleaning(store, disk);
    }

    private static void fill(Path filler) {
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] block = new byte[1 << 16];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    @Test
    void aFolderThatCanNotBeWrittenIsNamed() throws Exception {
        assertThat(mount(4 * MEBIBYTES)).isZero();
        Files.createDirectories(disk.resolve("cache"));
        ok("mount", "-o", "remount,ro", disk.toString());

        assertThat(catchThrowable(() -> fetchAndChange(store())))
                .isInstanceOfSatisfying(MediaException.class, failure -> assertThat(failure.kind())
                        .isEqualTo(MediaException.Kind.CACHE))
                .hasMessageContaining(disk.toString());
        assertThat(catchThrowable(() -> Remaster.write(
                        iso,
                        disk.resolve("changed.iso"),
                        new Remaster.Change(Map.of("added", new byte[] {1}), Map.of(), Set.of(), Optional.empty()))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(disk.toString());
    }
}
