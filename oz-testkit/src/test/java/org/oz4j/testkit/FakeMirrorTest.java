package org.oz4j.testkit;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
}
