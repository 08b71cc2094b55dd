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
import java.util.Map;
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
import org.oz4j.StoppedTime;
import org.oz4j.TimeSource;
import org.oz4j.template.Template.ChecksumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class LocalMediaStoreTest {
    @TempDir
    Path folder;

    private final byte[] content = new byte[300_000];
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server = start();
    private LocalMediaStore store = store();
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

    private LocalMediaStore store() {
        return new LocalMediaStore(Path.of("not set"), TimeSource.system());
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
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
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
        TimeSource time = new StoppedTime(duration -> {
            waits.add(duration);
            TimeUnit.MILLISECONDS.sleep(5); // lets another thread that holds a lock go on
        });
        store = new LocalMediaStore(folder.resolve("cache"), time);
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

        Path file = fetched(store, URI.create(address), sum());

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

        assertThatThrownBy(() -> fetched(store, round, Optional.empty()))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("where we do not follow");
    }

    @Test
    void saysWhereAnAccountGoes() {
        server.createContext("/closed", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });

        assertThatThrownBy(() -> fetched(store, medium().resolve("/closed"), Optional.empty()))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("answers 401")
                .hasMessageContaining("~/.netrc");
    }

    private Path fetched(Optional<Checksum> checksum) throws InterruptedException {
        return fetched(store, medium(), checksum);
    }

    private static Path fetched(LocalMediaStore from, URI location, Optional<Checksum> checksum)
            throws InterruptedException {
        return from.fetch(List.of(location), checksum, MediaStore.Kind.MEDIA, TransferListener.NONE)
                .path();
    }

    private Optional<Checksum> sum() throws Exception {
        return Optional.of(new Checksum(
                "SHA-256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content))));
    }

    private void assertNoLock() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".lock"));
        }
    }

    @Test
    void fetchesAndTellsHowFarItIs() throws Exception {
        List<Long> told = new ArrayList<>();

        Path file = store.fetch(List.of(medium()), sum(), MediaStore.Kind.MEDIA, (done, total) -> {
                    assertThat(total).isEqualTo(content.length);
                    told.add(done);
                })
                .path();

        assertThat(file).hasBinaryContent(content);
        assertThat(told).isSorted().last().isEqualTo((long) content.length);
        assertNoLock();
    }

    @Test
    void fetchesOnceWhereTheChecksumFits() throws Exception {
        fetched(sum());
        fetched(sum());

        assertThat(requests).containsExactly("GET");
    }

    @Test
    void asksTheServerWhereThereIsNoChecksum() throws Exception {
        fetched(Optional.empty());
        fetched(Optional.empty());
        etag = "\"two\"";
        content[0]++;
        Path file = fetched(Optional.empty());

        assertThat(requests).containsExactly("GET", "HEAD", "HEAD", "GET");
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void goesOnWhereTheServerBrokeOff() throws Exception {
        cutAfter = 100_000;

        Path file = fetched(sum());

        assertThat(file).hasBinaryContent(content);
        assertThat(requests).hasSize(2).last().asString().startsWith("GET bytes=");
        assertThat(waits).containsExactly(Duration.ofSeconds(2));
    }

    @Test
    void startsAfreshWhereTheFileHasChangedInBetween() throws Exception {
        Path part = leavePart();
        etag = "\"two\"";
        content[5]++;

        Path file = fetched(sum());

        assertThat(file).hasBinaryContent(content);
        assertThat(part).doesNotExist();
    }

    /** What a killed program leaves: some bytes, and what the server said of them. */
    private Path leavePart() throws Exception {
        cutAfter = 1000;
        assertThatThrownBy(() -> store.fetch(List.of(medium()), sum(), MediaStore.Kind.MEDIA, (done, total) -> {
                    if (done > 0) {
                        throw new IllegalStateException("dies");
                    }
                }))
                .hasMessageContaining("dies");
        requests.clear();
        cutAfter = -1;
        try (Stream<Path> files = Files.list(folder.resolve("cache/incoming"))) {
            return files.filter(file -> file.toString().endsWith(".part"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void goesOnWhereAKilledProgramStopped() throws Exception {
        leavePart();

        Path file = fetched(sum());

        assertThat(file).hasBinaryContent(content);
        assertThat(requests).containsExactly("GET bytes=1000-");
    }

    @Test
    void namesBothSumsOfAWrongFileAndForgetsIt() throws Exception {
        Checksum wanted = new Checksum("SHA-256", "00".repeat(32));

        MediaException failure = catchThrowableOfType(MediaException.class, () -> fetched(Optional.of(wanted)));

        assertThat(failure.kind()).isEqualTo(Kind.CHECKSUM_MISMATCH);
        assertThat(failure)
                .hasMessageContaining("00".repeat(32))
                .hasMessageContaining(sum().orElseThrow().hex());
        assertThat(fetched(sum())).hasBinaryContent(content);
    }

    @Test
    void doesNotTryAgainWhatIsNotThere() throws Exception {
        status = 404;

        MediaException failure = catchThrowableOfType(MediaException.class, () -> fetched(Optional.empty()));

        assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(failure).hasMessageContaining("404").hasMessageContaining(medium().toString());
        assertThat(requests).hasSize(1);
        assertThat(store.downloads().text(medium(), 100)).isEmpty();
        assertNoLock();
    }

    @Test
    void triesAServerInTroubleThreeTimes() {
        status = 503;

        assertThatThrownBy(() -> fetched(Optional.empty()))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("503");
        assertThat(requests).hasSize(3);
        assertThat(waits).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void showsNoPasswordOfAnAddress() {
        URI nowhere = URI.create("http://user:secret@127.0.0.1:1/x");

        assertThatThrownBy(() -> fetched(store, nowhere, Optional.empty()))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageNotContaining("secret");
    }

    @Test
    void fetchesOnceForTwoWhoAskAtOnce() throws Exception {
        CompletableFuture<Path> other = CompletableFuture.supplyAsync(() -> {
            try {
                return fetched(sum());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Path own = fetched(sum());

        assertThat(other.get(60, TimeUnit.SECONDS)).isEqualTo(own);
        assertThat(requests).containsExactly("GET");
    }

    @Test
    void anInterruptEndsATransferAndLeavesNoLock() throws Exception {
        assertThatThrownBy(() -> store.fetch(
                        List.of(medium()), sum(), MediaStore.Kind.MEDIA, (done, total) -> Thread.currentThread()
                                .interrupt()))
                .isInstanceOf(InterruptedException.class);

        assertNoLock();
    }

    @Test
    void leavesNothingAtThePlaceOfItsOwnWhereItFails() throws Exception {
        Path target = folder.resolve("mine.iso");
        status = 404;

        assertThatThrownBy(() ->
                        store.downloads().fetchTo(List.of(medium()), Optional.empty(), target, TransferListener.NONE))
                .isInstanceOf(MediaException.class);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("mine"));
        }
    }

    @Test
    void usesAFileOfTheHostWhereItLies() throws Exception {
        Path file = Files.write(folder.resolve("own.iso"), content);

        assertThat(fetched(store, file.toUri(), sum())).isEqualTo(file);
        content[0]++;
        assertThatThrownBy(() -> fetched(store, file.toUri(), sum())).isInstanceOf(MediaException.class);
        assertThatThrownBy(() -> fetched(store, folder.resolve("none.iso").toUri(), Optional.empty()))
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

            assertThat(store.downloads()
                            .checksum(new ChecksumSource.SumFile("SHA-256", sums.toUri()), medium(), Optional.empty()))
                    .isEqualTo(new Checksum("SHA-256", hex));
        }
        Path sums = Files.writeString(folder.resolve("SUMS"), hex + "  other.iso\n");
        assertThatThrownBy(() -> store.downloads()
                        .checksum(new ChecksumSource.SumFile("SHA-256", sums.toUri()), medium(), Optional.empty()))
                .hasMessageContaining("medium.iso");
    }

    @Test
    void takesASumThatIsGivenAsItIs() throws Exception {
        assertThat(store.downloads()
                        .checksum(new ChecksumSource.Sum("SHA-512", "ab".repeat(64)), medium(), Optional.empty()))
                .isEqualTo(new Checksum("SHA-512", "ab".repeat(64)));
    }

    @Test
    void oneContentIsKeptOnceWhateverItsAddress() throws Exception {
        Path one = fetched(store, medium(), sum());
        Path other = fetched(store, URI.create(medium() + "?mirror=2"), sum());

        assertThat(other).isEqualTo(one);
        assertThat(requests).containsExactly("GET");
    }

    @Test
    void aKeptFileThatWasTouchedIsNotServed() throws Exception {
        Path kept = fetched(sum());
        byte[] broken = content.clone();
        broken[7]++;
        Files.write(kept, broken);

        assertThat(fetched(sum())).hasBinaryContent(content);
        assertThat(requests).containsExactly("GET", "GET");
    }

    @Test
    void goesByOtherSumsToo() throws Exception {
        Optional<Checksum> md5 = Optional.of(new Checksum(
                "MD5", HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content))));
        fetched(sum());

        assertThat(fetched(md5)).hasBinaryContent(content);
        assertThat(fetched(md5)).hasBinaryContent(content);
        assertThat(requests).containsExactly("GET");
    }

    @Test
    void fallsOverToAnotherMirror() throws Exception {
        URI gone = medium().resolve("/gone.iso");
        URI dead = URI.create("http://127.0.0.1:1/medium.iso");
        server.createContext("/wrong/medium.iso", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("wrong".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });

        Stored file = store.fetch(
                List.of(gone, dead, medium().resolve("/wrong/medium.iso"), medium()),
                sum(),
                MediaStore.Kind.MEDIA,
                TransferListener.NONE);

        assertThat(file.path()).hasBinaryContent(content);
        assertThatThrownBy(() -> store.fetch(
                        List.of(gone, dead), Optional.empty(), MediaStore.Kind.MEDIA, TransferListener.NONE))
                .hasMessageContaining("gone.iso")
                .satisfies(failure -> assertThat(failure.getSuppressed()[0]).hasMessageContaining("127.0.0.1:1"));
    }

    @Test
    void keepsAWrongFileAsideForALookAndNeverUsesIt() throws Exception {
        Checksum wanted = new Checksum("SHA-256", "00".repeat(32));

        MediaException failure = catchThrowableOfType(MediaException.class, () -> fetched(Optional.of(wanted)));

        Path aside = folder.resolve("cache/rejected/medium.iso");
        assertThat(failure.remedy()).hasValueSatisfying(text -> assertThat(text).contains(aside.toString()));
        assertThat(aside).hasBinaryContent(content);
        assertThatThrownBy(() -> fetched(Optional.of(wanted))).isInstanceOf(MediaException.class);
        assertThat(requests).containsExactly("GET", "GET");
    }

    @Test
    void shrinksToItsLimitLongestUnusedFirstAndNothingThatIsInUse() throws Exception {
        MediaStore.Kept older = made("older", 9).get(0);
        Stored used = store.make(MediaStore.Kind.MODIFIED, "used", "used.iso", into -> {
            Files.write(into.resolve("medium.iso"), new byte[1_000]);
        });
        backdate("used", 5);
        made("fresh", 1);

        store.shrinkTo(2_500);
        assertThat(older.file()).doesNotExist();
        assertThat(store.kept()).extracting(MediaStore.Kept::name).containsExactly("used.iso", "fresh.iso");

        store.shrinkTo(0);
        assertThat(store.kept()).extracting(MediaStore.Kept::name).containsExactly("used.iso");
        used.close();
        store.shrinkTo(0);
        assertThat(store.kept()).isEmpty();
    }

    private List<MediaStore.Kept> made(String key, int daysAgo) throws Exception {
        store.make(MediaStore.Kind.MODIFIED, key, key + ".iso", into -> {
                    Files.write(into.resolve("medium.iso"), new byte[1_000]);
                })
                .close();
        backdate(key, daysAgo);
        return store.kept();
    }

    private void backdate(String key, int daysAgo) throws IOException {
        Files.setLastModifiedTime(
                folder.resolve("cache/modified").resolve(key).resolve("entry.ref"),
                FileTime.from(Instant.EPOCH.minus(Duration.ofDays(daysAgo))));
    }

    @Test
    void removesAContentWithItsLastAddress() throws Exception {
        fetched(store, medium(), sum());
        store.fetch(List.of(URI.create(medium() + "?mirror=2")), sum(), MediaStore.Kind.MEDIA, TransferListener.NONE)
                .close();
        LocalMediaStore other = new LocalMediaStore(folder.resolve("cache"), TimeSource.system());
        List<MediaStore.Kept> kept = other.kept();

        assertThat(kept).hasSize(2).allMatch(one -> one.name().equals("medium.iso") && one.bytes() == content.length);
        assertThat(other.remove(kept.get(0))).as("it is in use").isFalse();
    }

    @Test
    void makesAThingOnceAndNothingOfAMakerThatFails() throws Exception {
        List<String> made = new ArrayList<>();
        MediaStore.Maker fails = into -> {
            Files.writeString(into.resolve("half"), "half");
            throw new IOException("no");
        };
        assertThatThrownBy(() -> store.make(MediaStore.Kind.INSTALLED, "key", "image", fails))
                .hasMessage("no");
        assertThat(store.made(MediaStore.Kind.INSTALLED, "key")).isEmpty();

        for (int i = 0; i < 2; i++) {
            Stored image = store.make(MediaStore.Kind.INSTALLED, "key", "image", into -> {
                assertThat(into).isEmptyDirectory();
                Files.writeString(into.resolve("disk"), "whole");
                made.add("made");
            });
            assertThat(image.path().resolve("disk")).hasContent("whole");
        }
        assertThat(made).hasSize(1);
    }

    @Test
    void whatAnImageReadsFromStaysAsLongAsTheImage() throws Exception {
        Stored base = store.make(MediaStore.Kind.INSTALLED, "key", "image", into -> {
            Files.writeString(into.resolve("disk"), "whole");
        });
        Path images = Files.createDirectories(folder.resolve("images"));
        Path overlay = Files.writeString(images.resolve("guest.qcow2"), "QFI backed by " + base.path() + "/disk");
        store.pin(MediaStore.Kind.INSTALLED, "key", overlay);
        base.close();

        store.shrinkTo(0);
        assertThat(base.path()).exists();
        Path away = Files.move(images, folder.resolve("away"));
        store.shrinkTo(0);
        assertThat(base.path()).as("the folder of images is gone").exists();
        Files.createDirectories(images);
        store.shrinkTo(0);
        assertThat(base.path())
                .as("another folder is there, as where a disk is not mounted")
                .exists();
        Files.delete(images);
        Files.move(away, images);
        Files.writeString(overlay, "QFI converted, on its own feet");
        store.shrinkTo(0);
        assertThat(base.path()).doesNotExist();
    }

    @Test
    void keysTellNothingOfWhatWentInAndAllOfWhetherItIsTheSame() throws Exception {
        String key = store.key(Map.of("password", "secret", "size", "10"));

        assertThat(store.key(Map.of("size", "10", "password", "secret"))).isEqualTo(key);
        assertThat(store.key(Map.of("password", "secret1", "size", "0"))).isNotEqualTo(key);
        assertThat(store.key(Map.of("passwordsecret", "", "size", "10"))).isNotEqualTo(key);
        assertThat(new LocalMediaStore(folder.resolve("other"), TimeSource.system())
                        .key(Map.of("password", "secret", "size", "10")))
                .isNotEqualTo(key);
    }
}
