package org.oz4j.it;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.TimeSource;
import org.oz4j.media.IsoImage;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Programs that are killed while they fetch, change and keep media, and those that come after them. */
@Tag("vm")
class KilledStoreIT {
    // fifty were seen to go well; -Doz.kills says how many
    private static final int ROUNDS = Integer.getInteger("oz.kills", 10);
    private static final int MEBIBYTES = 48;

    @TempDir
    Path folder;

    private final AtomicInteger whole = new AtomicInteger();
    private Path iso = Path.of("not set");
    private String sum = "";
    private HttpServer server = unused();

    static HttpServer unused() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void serves() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/xorriso")), "needs xorriso");
        Path tree = Files.createDirectories(folder.resolve("tree"));
        byte[] content = new byte[MEBIBYTES << 20];
        new Random(3).nextBytes(content);
        Files.write(tree.resolve("big"), content);
        iso = folder.resolve("medium.iso");
        assertThat(new ProcessBuilder(
                                "xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", iso.toString(), tree.toString())
                        .redirectErrorStream(true)
                        .start()
                        .waitFor())
                .isZero();
        sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(iso)));
        server.createContext("/medium.iso", exchange -> {
            byte[] all = Files.readAllBytes(iso);
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.substring(6, range.length() - 1));
            exchange.getResponseHeaders().set("ETag", "\"" + sum + "\"");
            if (from > 0) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (all.length - 1) + "/" + all.length);
            } else {
                whole.incrementAndGet();
            }
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, all.length - from);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(all, from, all.length - from);
            }
        });
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "test-server");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    @AfterEach
    void stops() {
        server.stop(0);
    }

    private Process program(Path store) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreProgram.class.getName(),
                        store.toString(),
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/medium.iso")
                                .toString(),
                        sum)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("errors.log").toFile()))
                .start();
    }

    private List<Path> ends(Process program) throws Exception {
        List<String> lines = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(program.waitFor())
                .as(Files.readString(folder.resolve("errors.log")))
                .isZero();
        return lines.stream().map(Path::of).toList();
    }

    @Test
    void programsKilledAtRandomMomentsLeaveNothingWrong() throws Exception {
        Random random = new Random();
        Path store = folder.resolve("store");
        long begun = TimeSource.system().nanoTime();
        ends(program(store));
        long took = TimeUnit.NANOSECONDS.toMillis(TimeSource.system().nanoTime() - begun);
        List<Long> moments = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            if (round % 2 == 0) {
                new LocalMediaStore(store, TimeSource.system()).shrinkTo(0);
            }
            Process killed = program(store);
            long moment = random.nextLong(took);
            moments.add(moment);
            killed.waitFor(moment, TimeUnit.MILLISECONDS);
            killed.destroyForcibly().waitFor();

            List<Path> found = ends(program(store));

            assertThat(Files.mismatch(found.get(0), iso))
                    .as("killed after %s ms", moments)
                    .isEqualTo(-1);
            try (IsoImage image = IsoImage.open(found.get(1))) {
                assertThat(image.read("added.txt", 10)).containsExactly(1, 2, 3);
                assertThat(image.size("big")).isEqualTo(MEBIBYTES << 20);
            }
        }
        MediaStore after = new LocalMediaStore(store, TimeSource.system());
        for (MediaStore.Kept kept : after.kept()) {
            assertThat(after.remove(kept)).as(kept.toString()).isTrue();
        }
        after.shrinkTo(0);
        assertThat(leftIn(store)).containsExactly("secret");
    }

    @Test
    void programsThatAskAtOnceFetchOnce() throws Exception {
        Path store = folder.resolve("shared");
        List<Process> programs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            programs.add(program(store));
        }
        List<List<Path>> found = new ArrayList<>();
        for (Process program : programs) {
            found.add(ends(program));
        }

        assertThat(found).containsOnly(found.get(0));
        assertThat(whole).hasValue(1);
    }

    private static List<String> leftIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .toList();
        }
    }
}
