package org.oz4j.media;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.TimeSource;
import org.oz4j.template.Template.ChecksumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class MediaStoreTest {
    @TempDir
    Path folder;

    private final byte[] content = new byte[300_000];
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server = start();
    private MediaStore store = store();
    private volatile int cutAfter = -1; // how many bytes the next answer breaks off after
    private volatile String etag = "\"one\"";
    private volatile int status = 200;

    private HttpServer start() {
        try {
            HttpServer fresh = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            fresh.setExecutor(Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, "test-server");
                thread.setDaemon(true);
                return thread;
            }));
            return fresh;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private MediaStore store() {
        return new MediaStore(Path.of("not set"), TimeSource.system());
    }

    @BeforeEach
    void serves() {
        new Random(7).nextBytes(content);
        server.createContext("/medium.iso", exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            String account = exchange.getRequestHeaders().getFirst("Authorization");
            requests.add(exchange.getRequestMethod()
                    + (range == null ? "" : " " + range)
                    + (account == null ? "" : " " + account));
            exchange.getResponseHeaders().set("ETag", etag);
            String known = exchange.getRequestHeaders().getFirst("If-None-Match");
            int from = 0;
            int answer = status;
            if (etag.equals(known)) {
                answer = 304;
            } else if (range != null && etag.equals(exchange.getRequestHeaders().getFirst("If-Range"))) {
                from = Integer.parseInt(range.substring(6, range.length() - 1));
                answer = 206;
            }
            if (answer >= 300 || exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(answer, -1);
                exchange.close();
                return;
            }
            byte[] part = Arrays.copyOfRange(content, from, content.length);
            exchange.sendResponseHeaders(answer, part.length);
            int cut = cutAfter;
            cutAfter = -1;
            exchange.getResponseBody().write(part, 0, cut < 0 ? part.length : Math.min(cut, part.length));
            exchange.getResponseBody().flush();
            exchange.close();
        });
        server.start();
        TimeSource time = new TimeSource() {
            @Override
            public Instant now() {
                return Instant.EPOCH;
            }

            @Override
            public long nanoTime() {
                return 0;
            }

            @Override
            public void sleep(Duration duration) throws InterruptedException {
                waits.add(duration);
                TimeUnit.MILLISECONDS.sleep(5); // lets another thread that holds a lock go on
            }
        };
        store = new MediaStore(folder.resolve("cache"), time);
    }

    @AfterEach
    void stops() {
        server.stop(0);
    }

    private URI medium() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/medium.iso");
    }

    @Test
    void followsRedirectsAndTellsAnAccountToItsOwnServerAlone() throws Exception {
        server.createContext("/there", exchange -> {
            requests.add("there " + exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getResponseHeaders().set("Location", medium().toString().replace("127.0.0.1", "localhost"));
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/here", exchange -> {
            requests.add("here " + exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getResponseHeaders().set("Location", "/there");
            exchange.sendResponseHeaders(301, -1);
            exchange.close();
        });
        String address = "http://ann:secret@127.0.0.1:" + server.getAddress().getPort() + "/here";

        Path file = store.fetch(URI.create(address), sum(), (done, total) -> {});

        assertThat(file).hasBinaryContent(content);
        assertThat(requests).containsExactly("here Basic YW5uOnNlY3JldA==", "there Basic YW5uOnNlY3JldA==", "GET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "http:///x", "a b", "/round"})
    void doesNotFollowWhereNoMediumCanBe(String elsewhere) {
        server.createContext("/round", exchange -> {
            exchange.getResponseHeaders().set("Location", elsewhere);
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        URI round = medium().resolve("/round");

        assertThatThrownBy(() -> store.fetch(round, Optional.empty(), (done, total) -> {}))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("where we do not follow");
    }

    @Test
    void saysWhereAnAccountGoes() {
        server.createContext("/closed", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });

        assertThatThrownBy(() -> store.fetch(medium().resolve("/closed"), Optional.empty(), (done, total) -> {}))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("answers 401")
                .hasMessageContaining("~/.netrc");
    }

    private Optional<Checksum> sum() throws Exception {
        return Optional.of(new Checksum(
                "SHA-256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content))));
    }

    private void assertNoLock() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".lock"));
        }
    }

    @Test
    void fetchesAndTellsHowFarItIs() throws Exception {
        List<Long> told = new ArrayList<>();

        Path file = store.fetch(medium(), sum(), (done, total) -> {
            assertThat(total).isEqualTo(content.length);
            told.add(done);
        });

        assertThat(file).hasBinaryContent(content);
        assertThat(told).isSorted().last().isEqualTo((long) content.length);
        assertNoLock();
    }

    @Test
    void fetchesOnceWhereTheChecksumFits() throws Exception {
        store.fetch(medium(), sum(), TransferListener.NONE);
        store.fetch(medium(), sum(), TransferListener.NONE);

        assertThat(requests).containsExactly("GET");
    }

    @Test
    void asksTheServerWhereThereIsNoChecksum() throws Exception {
        store.fetch(medium(), Optional.empty(), TransferListener.NONE);
        store.fetch(medium(), Optional.empty(), TransferListener.NONE);
        etag = "\"two\"";
        content[0]++;
        Path file = store.fetch(medium(), Optional.empty(), TransferListener.NONE);

        assertThat(requests).containsExactly("GET", "HEAD", "HEAD", "GET");
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void goesOnWhereTheServerBrokeOff() throws Exception {
        cutAfter = 100_000;

        Path file = store.fetch(medium(), sum(), TransferListener.NONE);

        assertThat(file).hasBinaryContent(content);
        assertThat(requests).hasSize(2).last().asString().startsWith("GET bytes=");
        assertThat(waits).containsExactly(Duration.ofSeconds(2));
    }

    @Test
    void startsAfreshWhereTheFileHasChangedInBetween() throws Exception {
        Path part = leavePart();
        etag = "\"two\"";
        content[5]++;

        Path file = store.fetch(medium(), sum(), TransferListener.NONE);

        assertThat(file).hasBinaryContent(content);
        assertThat(part).doesNotExist();
    }

    /** What a killed program leaves: some bytes, and what the server said of them. */
    private Path leavePart() throws Exception {
        Path done = store.fetch(medium(), sum(), TransferListener.NONE);
        Path part = done.resolveSibling(done.getFileName() + ".part");
        Files.write(part, Arrays.copyOf(content, 1000));
        Files.writeString(part.resolveSibling(part.getFileName() + ".meta"), "etag=\"one\"\n");
        Files.delete(done);
        requests.clear();
        return part;
    }

    @Test
    void goesOnWhereAKilledProgramStopped() throws Exception {
        leavePart();

        Path file = store.fetch(medium(), sum(), TransferListener.NONE);

        assertThat(file).hasBinaryContent(content);
        assertThat(requests).containsExactly("GET bytes=1000-");
    }

    @Test
    void namesBothSumsOfAWrongFileAndForgetsIt() throws Exception {
        Checksum wanted = new Checksum("SHA-256", "00".repeat(32));

        MediaException failure = catchThrowableOfType(
                MediaException.class, () -> store.fetch(medium(), Optional.of(wanted), TransferListener.NONE));

        assertThat(failure.kind()).isEqualTo(Kind.CHECKSUM_MISMATCH);
        assertThat(failure)
                .hasMessageContaining("00".repeat(32))
                .hasMessageContaining(sum().orElseThrow().hex());
        assertThat(store.fetch(medium(), sum(), TransferListener.NONE)).hasBinaryContent(content);
    }

    @Test
    void doesNotTryAgainWhatIsNotThere() throws Exception {
        status = 404;

        MediaException failure = catchThrowableOfType(
                MediaException.class, () -> store.fetch(medium(), Optional.empty(), TransferListener.NONE));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure).hasMessageContaining("404").hasMessageContaining(medium().toString());
        assertThat(requests).hasSize(1);
        assertThat(store.text(medium(), 100)).isEmpty();
        assertNoLock();
    }

    @Test
    void triesAServerInTroubleThreeTimes() {
        status = 503;

        assertThatThrownBy(() -> store.fetch(medium(), Optional.empty(), TransferListener.NONE))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("503");
        assertThat(requests).hasSize(3);
        assertThat(waits).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void showsNoPasswordOfAnAddress() {
        URI nowhere = URI.create("http://user:secret@127.0.0.1:1/x");

        assertThatThrownBy(() -> store.fetch(nowhere, Optional.empty(), TransferListener.NONE))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageNotContaining("secret");
    }

    @Test
    void fetchesOnceForTwoWhoAskAtOnce() throws Exception {
        CompletableFuture<Path> other = CompletableFuture.supplyAsync(() -> {
            try {
                return store.fetch(medium(), sum(), TransferListener.NONE);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Path own = store.fetch(medium(), sum(), TransferListener.NONE);

        assertThat(other.get(10, TimeUnit.SECONDS)).isEqualTo(own);
        assertThat(requests).containsExactly("GET");
    }

    @Test
    void anInterruptEndsATransferAndLeavesNoLock() throws Exception {
        assertThatThrownBy(() -> store.fetch(
                        medium(), sum(), (done, total) -> Thread.currentThread().interrupt()))
                .isInstanceOf(InterruptedException.class);

        assertNoLock();
    }

    @Test
    void leavesNothingAtThePlaceOfItsOwnWhereItFails() throws Exception {
        Path target = folder.resolve("mine.iso");
        status = 404;

        assertThatThrownBy(() -> store.fetchTo(medium(), Optional.empty(), target, TransferListener.NONE))
                .isInstanceOf(MediaException.class);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("mine"));
        }
    }

    @Test
    void usesAFileOfTheHostWhereItLies() throws Exception {
        Path file = Files.write(folder.resolve("own.iso"), content);

        assertThat(store.fetch(file.toUri(), sum(), TransferListener.NONE)).isEqualTo(file);
        content[0]++;
        assertThatThrownBy(() -> store.fetch(file.toUri(), sum(), TransferListener.NONE))
                .isInstanceOf(MediaException.class);
        assertThatThrownBy(
                        () -> store.fetch(folder.resolve("none.iso").toUri(), Optional.empty(), TransferListener.NONE))
                .hasMessageContaining("none.iso");
    }

    @Test
    void findsTheSumInEachKindOfSumFile() throws Exception {
        String hex = "ab".repeat(32);
        for (String text : List.of(
                "11" + hex.substring(2) + "  other.iso\n" + hex + "  ./medium.iso\n",
                hex + " *medium.iso\n",
                "-----BEGIN PGP SIGNED MESSAGE-----\nSHA256 (medium.iso) = " + hex + "\n",
                hex + "\n")) {
            Path sums = Files.writeString(folder.resolve("SUMS"), text, StandardCharsets.UTF_8);

            assertThat(store.checksum(new ChecksumSource.SumFile("SHA-256", sums.toUri()), medium(), Optional.empty()))
                    .isEqualTo(new Checksum("SHA-256", hex));
        }
        Path sums = Files.writeString(folder.resolve("SUMS"), hex + "  other.iso\n");
        assertThatThrownBy(() ->
                        store.checksum(new ChecksumSource.SumFile("SHA-256", sums.toUri()), medium(), Optional.empty()))
                .hasMessageContaining("medium.iso");
    }

    @Test
    void takesASumThatIsGivenAsItIs() throws Exception {
        assertThat(store.checksum(new ChecksumSource.Sum("SHA-512", "ab".repeat(64)), medium(), Optional.empty()))
                .isEqualTo(new Checksum("SHA-512", "ab".repeat(64)));
    }

    @Test
    void shrinksToItsLimitLongestUnusedFirstAndNothingThatMayBeInUse() throws Exception {
        Instant now = TimeSource.system().now();
        Path old = kept("old", now.minus(Duration.ofDays(3)));
        Path older = kept("older", now.minus(Duration.ofDays(9)));
        Path fresh = kept("fresh", now);

        MediaStore own = new MediaStore(folder.resolve("cache"), TimeSource.system());
        own.shrinkTo(2_100);

        assertThat(older).doesNotExist();
        assertThat(old).exists();
        own.shrinkTo(0);
        assertThat(old).doesNotExist();
        assertThat(fresh).exists();
    }

    private Path kept(String name, Instant used) throws Exception {
        Path cache = Files.createDirectories(folder.resolve("cache"));
        Path file = Files.write(cache.resolve(name), new byte[1_000]);
        Path meta = Files.writeString(cache.resolve(name + ".meta"), "a=b");
        Files.setLastModifiedTime(meta, FileTime.from(used));
        return file;
    }
}
