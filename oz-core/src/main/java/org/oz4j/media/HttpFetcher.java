package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.StringReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.TimeSource;

/**
 * The one place that opens network connections: HTTP with time limits, retries, and resumed transfers.
 *
 * <p>Source: RFC 9110, sections 13 (conditional requests) and 14 (range requests).
 */
final class HttpFetcher {
    private static final Duration CONNECT = Duration.ofSeconds(20);
    private static final Duration RESPONSE = Duration.ofSeconds(60);
    private static final Duration PIECE = Duration.ofSeconds(60);
    private static final int TRIES = 3;
    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final TimeSource time;
    private final HostNetwork network;
    private @Nullable HttpClient client;

    HttpFetcher(TimeSource time, HostNetwork network) {
        this.time = time;
        this.network = network;
    }

    private synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .connectTimeout(CONNECT)
                    .proxy(network)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
        }
        return client;
    }

    /** One try; a failure with a retryable kind is worth another. */
    private interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }

    private <T> T retrying(URI location, Attempt<T> attempt) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    InterruptedException interrupted = new InterruptedException();
                    interrupted.initCause(e);
                    throw interrupted;
                }
                if (tries == TRIES) {
                    throw new MediaException(
                            Kind.UNREACHABLE,
                            shown(location),
                            "Can't fetch " + shown(location) + ": "
                                    + (e.getMessage() == null ? e.toString() : e.getMessage()),
                            "Check the address and the network; " + TRIES + " tries were made",
                            e);
                }
            } catch (MediaException e) {
                if (!e.isRetryable() || e.kind() == Kind.CHECKSUM_MISMATCH || tries == TRIES) {
                    throw e;
                }
            }
            time.sleep(Duration.ofSeconds(1L << tries));
        }
    }

    /** An address without the user name and password that it may hold. */
    static URI shown(URI location) {
        if (location.getRawUserInfo() == null) {
            return location;
        }
        try {
            return new URI(
                    location.getScheme(),
                    null,
                    location.getHost(),
                    location.getPort(),
                    location.getPath(),
                    location.getQuery(),
                    null);
        } catch (URISyntaxException e) {
            return URI.create("hidden:address");
        }
    }

    private HttpRequest.Builder request(URI location, Optional<String> account) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(shown(location)).timeout(RESPONSE).header("User-Agent", "oz4j");
        account.ifPresent(value -> request.header("Authorization", value));
        network.proxyAccount(location).ifPresent(value -> request.header("Proxy-Authorization", value));
        return request;
    }

    /**
     * Sends a request, and follows where the server sends it. An account is for its own server alone, and nothing that
     * was asked for by https is fetched by http.
     */
    private HttpResponse<HttpBody> send(URI location, Consumer<HttpRequest.Builder> more)
            throws IOException, InterruptedException {
        URI at = location;
        Optional<String> account = network.account(at);
        for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
            HttpRequest.Builder request = request(at, account);
            more.accept(request);
            HttpResponse<HttpBody> response = client().send(request.build(), info -> new HttpBody());
            Optional<String> elsewhere = REDIRECTS.contains(response.statusCode())
                    ? response.headers().firstValue("Location")
                    : Optional.empty();
            if (elsewhere.isEmpty()) {
                return response;
            }
            response.body().close();
            URI to = redirected(at, elsewhere.get())
                    .orElseThrow(() -> astray(location, "to " + elsewhere.get().replaceAll("//[^/@]*@", "//")));
            if (!server(to).equals(server(at))) {
                account = network.account(to);
            }
            at = to;
        }
        throw astray(location, "more than " + MOST_REDIRECTS + " times");
    }

    private static Optional<URI> redirected(URI from, String elsewhere) {
        try {
            URI to = from.resolve(new URI(elsewhere));
            boolean weaker = scheme(from).equals("https") && !scheme(to).equals("https");
            return to.getHost() != null && scheme(to).matches("https?") && !weaker ? Optional.of(to) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String scheme(URI location) {
        return String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
    }

    private static String server(URI location) {
        return scheme(location) + "://" + location.getHost().toLowerCase(Locale.ROOT) + ":" + location.getPort();
    }

    private static MediaException astray(URI location, String where) {
        return new MediaException(
                Kind.NOT_FOUND,
                shown(location),
                "The server of " + shown(location) + " sends us on " + where + ", where we do not follow",
                "Check the address in the template",
                null);
    }

    /** A small file; empty where the server has none. */
    Optional<byte[]> bytes(URI location, int maxBytes) throws InterruptedException {
        return retrying(location, () -> {
            HttpResponse<HttpBody> response = send(location, request -> {});
            try (HttpBody body = response.body()) {
                if (response.statusCode() == 404 || response.statusCode() == 410) {
                    return Optional.empty();
                }
                expect(location, response.statusCode(), 200);
                ByteBuffer text = ByteBuffer.allocate(maxBytes);
                for (List<ByteBuffer> piece = body.next(PIECE); !piece.isEmpty(); piece = body.next(PIECE)) {
                    for (ByteBuffer bytes : piece) {
                        if (bytes.remaining() > text.remaining()) {
                            throw new MediaException(
                                    Kind.SIZE_MISMATCH,
                                    shown(location),
                                    "The file " + shown(location) + " is larger than the " + maxBytes
                                            + " bytes it may have",
                                    "Check the address",
                                    null);
                        }
                        text.put(bytes);
                    }
                }
                return Optional.of(Arrays.copyOf(text.array(), text.position()));
            }
        });
    }

    /** Whether the server says that a file is still the one with these validators. */
    boolean unchanged(URI location, Properties validators) throws InterruptedException {
        String etag = validators.getProperty("etag");
        String modified = validators.getProperty("modified");
        if (etag == null && modified == null) {
            return false;
        }
        return retrying(location, () -> {
            HttpResponse<HttpBody> response = send(location, request -> {
                request.method("HEAD", HttpRequest.BodyPublishers.noBody());
                if (etag != null) {
                    request.header("If-None-Match", etag);
                } else {
                    request.header("If-Modified-Since", String.valueOf(modified));
                }
            });
            response.body().close();
            return response.statusCode() == 304;
        });
    }

    /**
     * Fetches into a file, and goes on where an earlier try broke off if the server's validators allow it.
     *
     * @param part the unfinished file; its validators are kept beside it
     * @return the validators of what was fetched
     */
    Properties fetch(URI location, Path part, @Nullable MessageDigest digest, TransferListener listener)
            throws InterruptedException {
        return retrying(location, () -> fetchOnce(location, part, digest, listener));
    }

    private Properties fetchOnce(URI location, Path part, @Nullable MessageDigest digest, TransferListener listener)
            throws IOException, InterruptedException {
        Path side = part.resolveSibling(part.getFileName() + ".meta");
        long have = Files.exists(part) ? Files.size(part) : 0;
        Properties before = load(side);
        String validator = before.getProperty("etag", before.getProperty("modified"));
        boolean resumable = have > 0 && validator != null && !validator.startsWith("W/");
        String range = "bytes=" + have + "-";
        HttpResponse<HttpBody> response = send(location, request -> {
            if (resumable) {
                request.header("Range", range).header("If-Range", String.valueOf(validator));
            }
        });
        try (HttpBody body = response.body()) {
            if (response.statusCode() == 416) {
                Files.deleteIfExists(part);
                throw new IOException("the server has less than was fetched before");
            }
            boolean resumed = response.statusCode() == 206;
            if (!resumed) {
                expect(location, response.statusCode(), 200);
                have = 0;
            }
            Properties validators = validators(response);
            store(side, validators);
            long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            long total = length < 0 ? -1 : have + length;
            checkSpace(location, part, length);
            if (digest != null) {
                digest.reset();
                if (resumed) {
                    feed(digest, part);
                }
            }
            if (!resumed) {
                Files.deleteIfExists(part);
                Files.createFile(
                        part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            long done = copy(body, part, have, total, digest, listener);
            if (total >= 0 && done != total) {
                throw new IOException("it broke off after " + done + " of " + total + " bytes");
            }
            return validators;
        }
    }

    private static long copy(
            HttpBody body, Path part, long have, long total, @Nullable MessageDigest digest, TransferListener listener)
            throws IOException, InterruptedException {
        long done = have;
        long told = -1;
        try (OutputStream output = Files.newOutputStream(part, StandardOpenOption.APPEND)) {
            for (List<ByteBuffer> piece = body.next(PIECE); !piece.isEmpty(); piece = body.next(PIECE)) {
                for (ByteBuffer bytes : piece) {
                    byte[] array = new byte[bytes.remaining()];
                    bytes.get(array);
                    output.write(array);
                    if (digest != null) {
                        digest.update(array);
                    }
                    done += array.length;
                }
                if (told < 0 || done - told >= 1 << 20 || done == total) {
                    told = done;
                    listener.transferred(done, total);
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
        try (RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw")) {
            file.getFD().sync();
        }
        return done;
    }

    static void feed(MessageDigest digest, Path file) throws IOException, InterruptedException {
        byte[] buffer = new byte[1 << 16];
        try (InputStream input = Files.newInputStream(file)) {
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                digest.update(buffer, 0, read);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
    }

    private static void checkSpace(URI location, Path part, long length) throws IOException {
        long free = Files.getFileStore(part.toAbsolutePath().getParent()).getUsableSpace();
        if (length > free) {
            throw new MediaException(
                    Kind.NO_SPACE,
                    shown(location),
                    "Fetching " + shown(location) + " needs " + length + " bytes, and " + part.getParent() + " has "
                            + free,
                    "Make room there, or set data_dir to another disk",
                    null);
        }
    }

    private static void expect(URI location, int status, int expected) {
        if (status == expected) {
            return;
        }
        String problem = "The server answers " + status + " for " + shown(location);
        if (status == 401 || status == 407) {
            throw new MediaException(
                    Kind.NOT_FOUND,
                    shown(location),
                    problem,
                    status == 401
                            ? "Give an account in the address (http://user:password@...) or in ~/.netrc"
                            : "Give an account in the proxy's variable (http_proxy=http://user:password@...)",
                    null);
        }
        if (status >= 500 || status == 429) {
            throw new MediaException(
                    Kind.SERVER_ERROR, shown(location), problem, "Try again later, or use another mirror", null);
        }
        throw new MediaException(Kind.NOT_FOUND, shown(location), problem, "Check the address in the template", null);
    }

    private static Properties validators(HttpResponse<?> response) {
        Properties validators = new Properties();
        response.headers().firstValue("ETag").ifPresent(value -> validators.setProperty("etag", value));
        response.headers().firstValue("Last-Modified").ifPresent(value -> validators.setProperty("modified", value));
        return validators;
    }

    static Properties load(Path file) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            properties.load(new StringReader(Files.readString(file)));
        }
        return properties;
    }

    static void store(Path file, Properties properties) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String key : properties.stringPropertyNames()) {
            lines.add(key + "=" + properties.getProperty(key).replace("\\", "\\\\"));
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, lines);
        Files.move(
                fresh,
                file,
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
