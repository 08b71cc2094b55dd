package org.oz4j.media;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.TimeSource;
import org.oz4j.host.Commands;
import org.oz4j.host.WorkFolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

@Timeout(180)
class PackageCacheTest {
    private static final Instant BEGIN = Instant.parse("2026-05-01T10:00:00Z");
    private static final String MODIFIED = "Fri, 01 May 2026 09:00:00 GMT";

    @TempDir
    Path folder;

    /** What a server does with a request for its file. */
    private interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    private final byte[] content = new byte[300_000];
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test-origin");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Instant now = BEGIN;
    private volatile Answer answer = exchange -> file(exchange, Map.of("ETag", "\"one\"", "Last-Modified", MODIFIED));
    private HttpServer origin = unused();
    private LocalMediaStore store = new LocalMediaStore(Path.of("not set"), time());
    private PackageCache cache = unusedCache();

    private static HttpServer unused() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("NullAway") // set before each test
    private static PackageCache unusedCache() {
        return null;
    }

    private TimeSource time() {
        return new TimeSource() {
            @Override
            public Instant now() {
                return now;
            }

            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void sleep(Duration duration) throws InterruptedException {
                TimeUnit.NANOSECONDS.sleep(duration.toNanos());
            }
        };
    }

    @BeforeEach
    void starts() {
        new Random(5).nextBytes(content);
        origin.createContext("/", exchange -> {
            String conditions = Stream.of("If-None-Match", "If-Modified-Since", "Range")
                    .filter(name -> exchange.getRequestHeaders().containsKey(name))
                    .map(name -> " " + name)
                    .reduce("", String::concat);
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + conditions);
            try (exchange) {
                answer.give(exchange);
            }
        });
        origin.setExecutor(threads);
        origin.start();
        store = new LocalMediaStore(
                folder.resolve("cache"),
                time(),
                OptionalLong.empty(),
                new HostNetwork(Map.of(), folder),
                Duration.ofSeconds(20));
        cache = store.packages();
    }

    @AfterEach
    void stops() throws IOException {
        cache.close();
        origin.stop(0);
        threads.shutdownNow();
        assertThat(parts()).isEmpty();
        try (Stream<Path> files = Files.list(folder.resolve("cache/leases"))) {
            assertThat(files).isEmpty();
        }
    }

    /** A server that knows its own file's version. */
    private void file(HttpExchange exchange, Map<String, String> headers) throws IOException {
        Headers mine = exchange.getResponseHeaders();
        headers.forEach(mine::set);
        String tag = headers.get("ETag");
        if (tag != null && tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            mine.set("Content-Length", Integer.toString(content.length));
        }
        exchange.sendResponseHeaders(200, head ? -1 : content.length);
        if (!head) {
            exchange.getResponseBody().write(content);
        }
    }

    private URI location(String path) {
        return URI.create("http://127.0.0.1:" + origin.getAddress().getPort() + path);
    }

    private HttpResponse<byte[]> get(URI location, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(location);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client().send(request.build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> get(String... headers) throws Exception {
        return get(location("/a.deb"), headers);
    }

    private HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), cache.port())))
                .build();
    }

    private void assertWhole(HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(Arrays.mismatch(response.body(), content)).isEqualTo(-1);
    }

    private void settle() throws Exception {
        // what was sent is kept a moment later
        for (int i = 0; i < 500 && (keptPackages() == 0 || !parts().isEmpty()); i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private List<Path> parts() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache/incoming"))) {
            return files.filter(file -> file.toString().endsWith(".part")).toList();
        }
    }

    private long keptPackages() throws IOException {
        return store.kept().stream()
                .filter(kept -> kept.kind() == MediaStore.Kind.PACKAGES)
                .count();
    }

    @Test
    void whatOneGuestFetchedTheNextHasFromHere() throws Exception {
        HttpResponse<byte[]> first = get();
        settle();
        HttpResponse<byte[]> second = get();

        assertWhole(first);
        assertWhole(second);
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(second.headers().firstValue("ETag")).contains("\"one\"");
        assertThat(asked).containsExactly("GET /a.deb", "GET /a.deb If-None-Match If-Modified-Since");
        assertThat(cache.fetchedBytes()).isEqualTo(content.length);
        assertThat(cache.reusedBytes()).isEqualTo(content.length);
    }

    @Test
    void theNextProgramHasItToo() throws Exception {
        get();
        settle();
        cache.close();
        cache = new LocalMediaStore(
                        folder.resolve("cache"),
                        time(),
                        OptionalLong.empty(),
                        new HostNetwork(Map.of(), folder),
                        Duration.ofSeconds(20))
                .packages();

        assertWhole(get());
        assertThat(cache.reusedBytes()).isEqualTo(content.length);
        assertThat(cache.fetchedBytes()).isZero();
    }

    @Test
    void aFileThatChangedIsFetchedAnew() throws Exception {
        get();
        settle();
        Arrays.fill(content, (byte) 7);
        answer = exchange -> file(exchange, Map.of("ETag", "\"two\""));

        assertWhole(get());
        settle();
        assertWhole(get());
        assertThat(asked).hasSize(3);
    }

    @Test
    void whatTheServerSaysIsFreshIsNotAskedForUntilItIsOldOrNewsAreWanted() throws Exception {
        answer = exchange -> file(exchange, Map.of("ETag", "\"one\"", "Cache-Control", "max-age=60"));
        get();
        settle();
        now = BEGIN.plusSeconds(59);
        HttpResponse<byte[]> fresh = get();
        assertThat(asked).hasSize(1);
        assertThat(fresh.headers().firstValue("Age")).isPresent();

        get("Cache-Control", "max-age=0");
        assertThat(asked).hasSize(2);
        get("Cache-Control", "no-cache");
        assertThat(asked).hasSize(3);

        now = BEGIN.plusSeconds(200);
        get();
        assertThat(asked).hasSize(4);
        assertThat(asked.subList(1, 4)).containsOnly("GET /a.deb If-None-Match");
    }

    @ParameterizedTest
    @CsvSource({
        "Cache-Control,no-store",
        "Cache-Control,'private, max-age=100'",
        "Set-Cookie,a=b",
        "Vary,User-Agent",
        "Vary,*",
    })
    void whatIsNotForAllIsNotKept(String header, String value) throws Exception {
        answer = exchange -> file(exchange, Map.of("ETag", "\"one\"", header, value));

        assertWhole(get());
        assertWhole(get());

        assertThat(asked).containsExactly("GET /a.deb", "GET /a.deb");
        assertThat(keptPackages()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"Authorization,Basic YTpi", "Cookie,a=b", "Cache-Control,no-store"})
    void whatIsAskedForInPrivateIsNeitherKeptNorAnsweredFromHere(String header, String value) throws Exception {
        get(header, value);
        assertThat(keptPackages()).isZero();
        get();
        settle();
        get(header, value);

        assertThat(asked).containsExactly("GET /a.deb", "GET /a.deb", "GET /a.deb");
    }

    @Test
    void aFileOfWhichNothingTellsTheVersionIsNotKept() throws Exception {
        answer = exchange -> file(exchange, Map.of());

        assertWhole(get());
        assertThat(keptPackages()).isZero();
    }

    @Test
    void failuresArePassedOnAndNotKept() throws Exception {
        answer = exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"none\"");
            byte[] text = "not here".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(404, text.length);
            exchange.getResponseBody().write(text);
        };

        HttpResponse<byte[]> response = get();

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).asString().isEqualTo("not here");
        assertThat(keptPackages()).isZero();
    }

    @Test
    void partsOfAKeptFileAreAnsweredFromHere() throws Exception {
        answer = exchange -> file(exchange, Map.of("ETag", "\"one\"", "Cache-Control", "max-age=60"));
        get();
        settle();

        HttpResponse<byte[]> part = get("Range", "bytes=100-199");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 100, 200));
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 100-199/300000");
        assertThat(get("Range", "bytes=-10").body()).isEqualTo(Arrays.copyOfRange(content, 299_990, 300_000));
        assertThat(get("Range", "bytes=299990-").body()).isEqualTo(Arrays.copyOfRange(content, 299_990, 300_000));
        assertThat(get("Range", "bytes=300000-").statusCode()).isEqualTo(416);
        assertWhole(get("Range", "bytes=0-1,5-6"));
        assertWhole(get("Range", "bytes=5-", "If-Range", "\"other\""));
        assertThat(get("Range", "bytes=5-", "If-Range", "\"one\"").statusCode()).isEqualTo(206);
        assertThat(asked).hasSize(1);
    }

    @Test
    void aPartOfAFileThatIsNotKeptComesFromTheServerAndIsNotTakenForAllOfIt() throws Exception {
        answer = exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-9/300000");
            exchange.sendResponseHeaders(206, 10);
            exchange.getResponseBody().write(content, 0, 10);
        };

        HttpResponse<byte[]> part = get("Range", "bytes=0-9");

        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).hasSize(10);
        assertThat(keptPackages()).isZero();
    }

    @Test
    void aGuestThatHasTheFileIsToldSo() throws Exception {
        get();
        settle();

        assertThat(get("If-None-Match", "\"other\", W/\"one\"").statusCode()).isEqualTo(304);
        assertThat(get("If-Modified-Since", MODIFIED).statusCode()).isEqualTo(304);
        assertThat(get("If-Modified-Since", "Fri, 01 May 2026 08:00:00 GMT").statusCode())
                .isEqualTo(200);
    }

    @Test
    void manyWhoAskAtOnceHaveItOfOneFetch() throws Exception {
        CountDownLatch allAsk = new CountDownLatch(1);
        answer = exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.sendResponseHeaders(200, content.length);
            OutputStream out = exchange.getResponseBody();
            out.write(content, 0, 1000);
            out.flush();
            await(allAsk);
            out.write(content, 1000, content.length - 1000);
        };
        List<CompletableFuture<HttpResponse<byte[]>>> guests = new ArrayList<>();
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(client());
            guests.add(clients.get(i)
                    .sendAsync(HttpRequest.newBuilder(location("/a.deb")).build(), BodyHandlers.ofByteArray()));
        }
        TimeUnit.MILLISECONDS.sleep(300);
        allAsk.countDown();

        for (CompletableFuture<HttpResponse<byte[]>> guest : guests) {
            assertWhole(guest.get(60, TimeUnit.SECONDS));
        }
        settle();
        assertThat(asked.stream().filter(one -> one.equals("GET /a.deb"))).hasSize(1);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aServerThatBreaksOffIsNotTakenForTheEndOfTheFile() throws Exception {
        answer = exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, 1000);
            exchange.getResponseBody().flush();
            throw new IOException("cut");
        };

        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
        answer = exchange -> file(exchange, Map.of("ETag", "\"one\""));

        assertWhole(get());
        settle();
        assertThat(keptPackages()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"ETag,'\"one\"'", "X-Nothing,told"}) // one that is kept, and one that is passed on
    void aFileOfUnknownLengthThatBreaksOffIsNotTakenForWhole(String header, String value) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> {
                while (!server.isClosed()) { // the client asks again
                    try (Socket client = server.accept()) {
                        client.getInputStream().read(new byte[4096]);
                        client.getOutputStream()
                                .write(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + header + ": " + value
                                                + "\r\n\r\n5\r\nhello\r\n")
                                        .getBytes(StandardCharsets.US_ASCII));
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();

            assertThatThrownBy(() -> get(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/a.deb")))
                    .isInstanceOf(IOException.class);
        }
        assertThat(keptPackages()).isZero();
    }

    @Test
    void anAnswerThatEndsWithItsConnectionIsPassedOnAndNotKept() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> {
                try (Socket client = server.accept()) {
                    client.getInputStream().read(new byte[4096]);
                    client.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nETag: \"one\"\r\n\r\nhello".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            thread.setDaemon(true);
            thread.start();

            assertThat(get(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/a.deb"))
                            .body())
                    .asString()
                    .isEqualTo("hello");
        }
        assertThat(keptPackages()).isZero();
    }

    @Test
    void guestsGoOnWhereTheStoreCanNotBeWritten() throws Exception {
        WorkFolder.delete(folder.resolve("cache/incoming"));
        Files.writeString(folder.resolve("cache/incoming"), "in the way");

        assertWhole(get());
        assertThat(keptPackages()).isZero();

        Files.delete(folder.resolve("cache/incoming"));
        Files.createDirectories(folder.resolve("cache/incoming"));
    }

    @Test
    void aFileOfUnknownLengthIsKeptToo() throws Exception {
        answer = exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            if (exchange.getRequestHeaders().containsKey("If-None-Match")) {
                exchange.sendResponseHeaders(304, -1);
                return;
            }
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(content);
        };

        assertWhole(get());
        settle();
        assertWhole(get());
        assertThat(asked).last().isEqualTo("GET /a.deb If-None-Match");
    }

    @Test
    void otherRequestsArePassedOnAsTheyAre() throws Exception {
        HttpResponse<byte[]> head = client().send(
                        HttpRequest.newBuilder(location("/a.deb"))
                                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofByteArray());
        assertThat(head.headers().firstValue("Content-Length")).contains("300000");

        answer = exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        };
        HttpResponse<byte[]> echo = client().send(
                        HttpRequest.newBuilder(location("/a.deb"))
                                .POST(HttpRequest.BodyPublishers.ofString("told"))
                                .build(),
                        BodyHandlers.ofByteArray());

        assertThat(echo.body()).asString().isEqualTo("told");
    }

    @Test
    void theHostIsFoundWhereGuestsSeeIt() throws Exception {
        assertWhole(get(URI.create("http://10.0.2.2:" + origin.getAddress().getPort() + "/a.deb")));
    }

    @Test
    void whatCanNotBeFetchedIsRefusedWithTheReason() throws Exception {
        int port = origin.getAddress().getPort();
        origin.stop(0);
        HttpResponse<byte[]> gone = get(URI.create("http://127.0.0.1:" + port + "/a.deb"));
        assertThat(gone.statusCode()).isEqualTo(502);
        assertThat(gone.body()).asString().contains("Can't fetch http://127.0.0.1:" + port + "/a.deb");

        HttpResponse<byte[]> itself = get(URI.create("http://127.0.0.1:" + cache.port() + "/a.deb"));
        assertThat(itself.statusCode()).isEqualTo(508);
        // as a browser's page might, that takes it for a server of its own
        assertThat(raw("GET /a.deb HTTP/1.1\r\nHost: 127.0.0.1:" + cache.port() + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 508 ");
        assertThat(raw("CONNECT e.org:443 HTTP/1.1\r\nHost: e.org:443\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), cache.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void aptFetchesEachPackageOnce() throws Exception {
        for (String tool : List.of("apt-get", "dpkg-deb", "apt-ftparchive")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), "needs " + tool + " (Debian: apt-utils)");
        }
        Path repository = Files.createDirectories(folder.resolve("repository"));
        Path control = Files.createDirectories(folder.resolve("pkg/DEBIAN")).resolve("control");
        Files.writeString(
                control, "Package: oz-test\nVersion: 1\nArchitecture: all\nMaintainer: x <x@e.org>\nDescription: x\n");
        ok(List.of(
                "dpkg-deb",
                "--build",
                folder.resolve("pkg").toString(),
                repository.resolve("oz-test_1_all.deb").toString()));
        Commands.Result index =
                ok(List.of("sh", "-c", "cd \"$1\" && apt-ftparchive packages .", "sh", repository.toString()));
        Files.writeString(repository.resolve("Packages"), index.output());
        answer = exchange -> served(exchange, repository);
        List<Integer> full = new ArrayList<>();
        for (int guest = 0; guest < 2; guest++) {
            Path root = Files.createDirectories(folder.resolve("guest" + guest));
            for (String room : List.of("lists/partial", "cache/archives/partial", "etc", "state")) {
                Files.createDirectories(root.resolve(room));
            }
            Files.writeString(
                    root.resolve("sources.list"),
                    "deb [trusted=yes allow-insecure=yes] "
                            + location("/").toString().replace("127.0.0.1", "10.0.2.2") + " ./\n");
            Files.writeString(root.resolve("state/status"), "");
            String options = "-q -o Dir::State::lists=" + root + "/lists -o Dir::Cache=" + root
                    + "/cache -o Dir::Etc::sourcelist=" + root + "/sources.list -o Dir::Etc::sourceparts=/dev/null"
                    + " -o Dir::State::status=" + root + "/state/status -o APT::Sandbox::User=root"
                    + " -o Acquire::http::Proxy=http://127.0.0.1:" + cache.port()
                    + " -o Acquire::http::Proxy::10.0.2.2=http://127.0.0.1:" + cache.port();
            ok(List.of(
                    "sh",
                    "-c",
                    "apt-get " + options + " update && cd " + root + " && apt-get " + options + " download oz-test"));
            assertThat(root.resolve("oz-test_1_all.deb"))
                    .hasSameBinaryContentAs(repository.resolve("oz-test_1_all.deb"));
            settle();
            full.add((int) asked.stream()
                    .filter(one -> one.equals("GET /./oz-test_1_all.deb"))
                    .count());
        }

        assertThat(full).containsExactly(1, 1);
        assertThat(cache.reusedBytes()).isPositive();
    }

    @Test
    void dnfAndZypperFetchEachPackageOnce() throws Exception {
        for (String tool : List.of("dnf", "zypper", "rpm", "rpmbuild", "createrepo_c")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), "needs " + tool);
        }
        Path repository = folder.resolve("repository");
        Path spec = Files.writeString(
                folder.resolve("oz-test.spec"),
                """
                Name: oz-test
                Version: 1
                Release: 1
                Summary: x
                License: MIT
                BuildArch: noarch
                %description
                x
                %files
                """);
        String here = "HOME=" + folder;
        ok(List.of(
                "env",
                here,
                "rpmbuild",
                "-bb",
                "--quiet",
                "--define",
                "_topdir " + folder + "/build",
                "--define",
                "_rpmdir " + repository,
                "--define",
                "_tmppath " + folder,
                spec.toString()));
        ok(List.of("createrepo_c", "-q", repository.toString()));
        answer = exchange -> served(exchange, repository);
        String proxy = "http_proxy=http://127.0.0.1:" + cache.port();
        List<List<String>> fetched = new ArrayList<>();
        for (int guest = 0; guest < 4; guest++) {
            Path root = folder.resolve("rpm-guest" + guest);
            Path repo =
                    Files.createDirectories(root.resolve("etc/zypp/repos.d")).resolve("oz.repo");
            Files.writeString(
                    repo,
                    "[oz]\nname=oz\nenabled=1\ngpgcheck=0\nbaseurl="
                            + location("/").toString().replace("127.0.0.1", "10.0.2.2") + "\n");
            Path config = Files.writeString(
                    root.resolve("dnf.conf"),
                    "[main]\nplugins=0\nreposdir=" + repo.getParent() + "\ncachedir=" + root + "/dnf\npersistdir="
                            + root + "/dnf\nlogdir=" + root + "\n");
            List<String> words = guest < 2
                    ? List.of("dnf", "--config=" + config, "--installroot=" + root, "--releasever=1")
                    : List.of("zypper", "--root", root.toString(), "--non-interactive");
            asked.clear();
            ok(Stream.of(
                            List.of("env", here, proxy, "ZYPP_LOGFILE=" + root + "/log"),
                            words,
                            List.of("install", "-y", "oz-test"))
                    .flatMap(List::stream)
                    .toList());
            assertThat(ok(List.of("env", here, "rpm", "--root", root.toString(), "-q", "oz-test"))
                            .output())
                    .isEqualTo("oz-test-1-1.noarch\n");
            settle();
            fetched.add(asked.stream()
                    .filter(one -> one.startsWith("GET") && !one.contains("If-") && !one.contains("repomd.xml."))
                    .filter(one -> !one.contains("/media.1/"))
                    .toList());
        }

        assertThat(fetched.get(0)).contains("GET /noarch/oz-test-1-1.noarch.rpm", "GET /repodata/repomd.xml");
        assertThat(fetched.subList(1, 4))
                .as("files that are there, fetched anew")
                .containsOnly(List.of());
        assertThat(cache.reusedBytes()).isPositive();
    }

    private static void served(HttpExchange exchange, Path folder) throws IOException {
        Path file = folder.resolve("." + exchange.getRequestURI().getPath()).normalize();
        if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        String tag = "\"" + Arrays.hashCode(bytes) + "\"";
        exchange.getResponseHeaders().set("ETag", tag);
        exchange.getResponseHeaders().set("Last-Modified", MODIFIED);
        if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static Commands.Result ok(List<String> words) throws InterruptedException {
        Commands.Result result = Commands.run(words, Duration.ofMinutes(1));
        assertThat(result.status())
                .as(words + "\n" + result.output() + result.errors())
                .isZero();
        return result;
    }
}
