package org.oz4j.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.MediaException;
import org.oz4j.media.Downloads;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;
import org.oz4j.media.Stored;
import org.oz4j.media.TransferListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class FakeMirrorTest {
    private final FakeMirror mirror = FakeMirror.start().file("/a", "0123456789");
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        mirror.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(mirror.uri(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void servesFilesAndCountsRequests() throws Exception {
        assertThat(get("/a").body()).isEqualTo("0123456789");
        assertThat(get("/b").statusCode()).isEqualTo(404);
        assertThat(mirror.requests()).containsExactly("GET /a", "GET /b");
        assertThat(mirror.requests("/a")).isEqualTo(1);
    }

    @Test
    void servesAFolder(@TempDir Path folder) throws Exception {
        Files.createDirectories(folder.resolve("x"));
        Files.writeString(folder.resolve("x/y"), "z");
        mirror.folder("/tree", folder);
        assertThat(get("/tree/x/y").body()).isEqualTo("z");
    }

    @Test
    void servesPartsAndKnowsWhenTheFileIsAnother() throws Exception {
        String tag = get("/a").headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> part = get("/a", "Range", "bytes=4-", "If-Range", tag);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("456789");
        assertThat(part.headers().firstValue("Content-Range")).hasValue("bytes 4-9/10");
        assertThat(get("/a", "Range", "bytes=2-3").body()).isEqualTo("23");
        assertThat(get("/a", "Range", "bytes=10-").statusCode()).isEqualTo(416);
        assertThat(get("/a", "Range", "bytes=4-", "If-Range", "\"old\"").statusCode())
                .isEqualTo(200);
        assertThat(get("/a", "If-None-Match", tag).statusCode()).isEqualTo(304);
        mirror.withoutRanges();
        assertThat(get("/a", "Range", "bytes=4-").body()).isEqualTo("0123456789");
    }

    @Test
    void cutsAnAnswerShortUntilItHeals() throws Exception {
        mirror.cutsAfter("/a", 4);
        assertThatThrownBy(() -> get("/a")).isInstanceOf(IOException.class);
        mirror.heals("/a");
        assertThat(get("/a").body()).isEqualTo("0123456789");
    }

    @Test
    void liesAboutTheLength() throws Exception {
        mirror.wrongLength("/a", 5);
        assertThatThrownBy(() -> get("/a")).isInstanceOf(IOException.class);
    }

    @Test
    void redirectsAndAnswersAnyStatus() throws Exception {
        mirror.redirects("/c", "/a").answers("/d", 503).notFound("/a");
        assertThat(get("/c").headers().firstValue("Location")).hasValue("/a");
        assertThat(get("/d").statusCode()).isEqualTo(503);
        assertThat(get("/a").statusCode()).isEqualTo(404);
    }

    @Test
    void aStalledAnswerEndsWithTheMirror() {
        mirror.stallsAfter("/a", 3);
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(HttpRequest.newBuilder(mirror.uri("/a")).build(), BodyHandlers.ofString());
        while (mirror.requests("/a") == 0) {
            Thread.onSpinWait();
        }
        assertThat(answer).isNotDone();
        mirror.close();
        assertThatThrownBy(answer::join).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void givesAFileToThoseWhoLogIn() throws Exception {
        mirror.needsLogin("/a", "ann", "secret");
        String right = Base64.getEncoder().encodeToString("ann:secret".getBytes(StandardCharsets.UTF_8));
        String wrong = Base64.getEncoder().encodeToString("ann:guessed".getBytes(StandardCharsets.UTF_8));

        HttpResponse<String> refused = get("/a");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"the fake mirror\"");
        assertThat(get("/a", "Authorization", "Basic " + wrong).statusCode()).isEqualTo(401);
        assertThat(get("/a", "Authorization", "Basic " + right).body()).isEqualTo("0123456789");
    }

    /** How an answer ends, past its head, as a client sees that looks at the connection itself. */
    private String rawEnd(String path) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), mirror.uri(path).getPort())) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            try {
                for (int next = socket.getInputStream().read();
                        next >= 0;
                        next = socket.getInputStream().read()) {
                    answer.append((char) next);
                }
            } catch (SocketException e) {
                return answer.substring(answer.indexOf("\r\n\r\n") + 4) + " and " + e.getMessage();
            }
            return answer.substring(answer.indexOf("\r\n\r\n") + 4) + " and an end";
        }
    }

    @Test
    void breaksOffByAnEndOrByAReset() throws Exception {
        mirror.cutsAfter("/a", 4);
        assertThat(rawEnd("/a")).isEqualTo("0123 and an end");
        mirror.resetsAfter("/a", 4);
        assertThat(rawEnd("/a")).isEqualTo("0123 and Connection reset");
        mirror.heals("/a");
        assertThat(get("/a").body()).isEqualTo("0123456789");
    }

    private final VirtualTime time = FakeHypervisor.kvm().time();

    private String byFtp(LocalMediaStore store, URI location) throws Exception {
        try (Stored file =
                store.fetch(List.of(location), Optional.empty(), MediaStore.Kind.MEDIA, TransferListener.NONE)) {
            return Files.readString(file.path());
        }
    }

    private URI as(String account, String path) {
        return URI.create(mirror.ftpUri(path).toString().replace("ftp://", "ftp://" + account + "@"));
    }

    @Test
    void servesByFtp(@TempDir Path folder) throws Exception {
        LocalMediaStore store = new LocalMediaStore(folder.resolve("store"), time);

        assertThat(byFtp(store, mirror.ftpUri("/a"))).isEqualTo("0123456789");
        assertThat(byFtp(store, mirror.ftpUri("/a"))).isEqualTo("0123456789");
        assertThat(mirror.requests()).as("it had not changed").containsExactly("RETR /a");
        mirror.file("/a", "another");
        assertThat(byFtp(store, mirror.ftpUri("/a"))).isEqualTo("another");
        assertThatThrownBy(() -> byFtp(store, mirror.ftpUri("/b")))
                .asInstanceOf(InstanceOfAssertFactories.type(MediaException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(MediaException.Kind.NOT_FOUND));
    }

    @Test
    void servesFoldersByFtp(@TempDir Path folder) throws Exception {
        mirror.file("/tree/x/y", "deep")
                .file("/tree/z", "shallow")
                .file("/tree/gone", "")
                .notFound("/tree/gone");
        Path target = folder.resolve("target");

        new Downloads(time).fetchFolder(mirror.ftpUri("/tree"), target).close();

        assertThat(target.resolve("x/y")).hasContent("deep");
        assertThat(target.resolve("z")).hasContent("shallow");
        assertThat(target.resolve("gone")).doesNotExist();
    }

    @Test
    void givesAFileByFtpToThoseWhoLogIn(@TempDir Path folder) throws Exception {
        mirror.needsLogin("/a", "ann", "secret");
        LocalMediaStore store = new LocalMediaStore(folder.resolve("store"), time);

        assertThatThrownBy(() -> byFtp(store, mirror.ftpUri("/a"))).isInstanceOf(MediaException.class);
        assertThatThrownBy(() -> byFtp(store, as("ann:guessed", "/a")))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("does not let us in");
        assertThat(byFtp(store, as("ann:secret", "/a"))).isEqualTo("0123456789");
    }

    @Test
    void aTransferByFtpThatIsCutIsGoneOnWith(@TempDir Path folder) throws Exception {
        mirror.cutsAfter("/a", 4);
        LocalMediaStore store = new LocalMediaStore(folder.resolve("store"), time);

        assertThat(byFtp(store, mirror.ftpUri("/a"))).isEqualTo("0123456789");

        assertThat(mirror.requests()).containsExactly("RETR /a", "RETR /a bytes=4-", "RETR /a bytes=8-");
    }

    @Test
    void aTransferByFtpThatIsResetIsGoneOnWith(@TempDir Path folder) throws Exception {
        String content = "0123456789".repeat(12_000);
        mirror.file("/b", content).resetsAfter("/b", 100_000);
        LocalMediaStore store = new LocalMediaStore(folder.resolve("store"), time);

        assertThat(byFtp(store, mirror.ftpUri("/b"))).isEqualTo(content);

        assertThat(mirror.requests()).hasSizeBetween(2, 3).first().isEqualTo("RETR /b");
        assertThat(mirror.requests().get(1)).startsWith("RETR /b bytes=");
    }

    @Test
    void aFileThatCanNotBeOpenedByFtpIsToldOf(@TempDir Path folder) {
        mirror.answers("/a", 503);
        LocalMediaStore store = new LocalMediaStore(folder.resolve("store"), time);

        assertThatThrownBy(() -> byFtp(store, mirror.ftpUri("/a")))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("3 tries were made");
    }

    @Test
    void liesAboutTheLengthByFtpToo(@TempDir Path folder) {
        mirror.wrongLength("/a", 5);
        LocalMediaStore store = new LocalMediaStore(folder.resolve("store"), time);

        assertThatThrownBy(() -> byFtp(store, mirror.ftpUri("/a"))).isInstanceOf(MediaException.class);
    }
}
