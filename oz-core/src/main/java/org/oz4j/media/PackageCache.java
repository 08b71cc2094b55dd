package org.oz4j.media;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.ExceptionListener;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpConnection;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.bootstrap.HttpServer;
import org.apache.hc.core5.http.impl.bootstrap.ServerBootstrap;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.oz4j.MediaException;
import org.oz4j.TimeSource;
import org.oz4j.config.Loopback;
import org.oz4j.host.FileLock;
import org.oz4j.media.MediaStore.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A proxy on this host's loopback that keeps what guests download, so that the next guest has it from here.
 *
 * <p>It keeps what {@link CachePolicy} allows, asks the server each time whether a kept file is still the same unless the
 * server told for how long it is, and passes on all else as it is. One file is fetched once for all who ask for it at
 * the same time, each of whom reads it while it comes. Https does not go through it, and no account of this host's user
 * is told to servers for a guest. May be used by many guests.
 *
 * <p>Source: RFC 9110 and RFC 9112 (proxies), RFC 9111 (caching).
 */
public final class PackageCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PackageCache.class);
    private static final Duration IDLE = Duration.ofMinutes(5);
    private static final String NAME = "oz4j";

    private final Store store;
    private final OptionalLong limit;
    private final TimeSource time;
    private final HostNetwork network;
    private final CloseableHttpClient client;
    private final HttpServer server;
    private final Map<String, SharedDownload> running = new ConcurrentHashMap<>();
    private final AtomicLong fetched = new AtomicLong();
    private final AtomicLong reused = new AtomicLong();

    private PackageCache(Store store, OptionalLong limit, TimeSource time, HostNetwork network, Duration patience)
            throws IOException {
        this.store = store;
        this.limit = limit;
        this.time = time;
        this.network = network;
        this.client = HttpFiles.client(network, patience);
        this.server = ServerBootstrap.bootstrap()
                .setLocalAddress(InetAddress.getLoopbackAddress())
                .setSocketConfig(
                        SocketConfig.custom().setSoTimeout(Timeout.of(IDLE)).build())
                .setExceptionListener(new Listener())
                .setConnectionFactory(socket -> {
                    GuestConnection connection = new GuestConnection();
                    connection.bind(socket);
                    return connection;
                })
                .setRequestRouter((request, context) -> (asked, answer, during) -> answer(asked, answer))
                .create();
        server.start();
    }

    static PackageCache start(
            Store store, OptionalLong limit, TimeSource time, HostNetwork network, Duration patience) {
        try {
            store.prepare();
            return new PackageCache(store, limit, time, network, patience);
        } catch (IOException e) {
            throw new MediaException(
                    MediaException.Kind.CACHE,
                    store.folder().toUri(),
                    "Can't keep what guests download in " + store.folder() + ": " + e,
                    "Check the rights of the folder data_dir, or set 'packages' of [cache] to no",
                    e);
        }
    }

    /** Guests that give up are no news. */
    private static final class Listener implements ExceptionListener {
        @Override
        public void onError(Exception e) {
            LOG.debug("A download broke off", e);
        }

        @Override
        public void onError(HttpConnection connection, Exception e) {
            LOG.debug("A download broke off", e);
        }
    }

    /** Hangs up on a guest where what it is sent breaks off; of a file of unknown length it would not know otherwise. */
    private static final class GuestConnection extends DefaultBHttpServerConnection {
        GuestConnection() {
            super("http", Http1Config.DEFAULT);
        }

        @Override
        public void sendResponseEntity(ClassicHttpResponse response) throws HttpException, IOException {
            HttpEntity entity = response.getEntity();
            if (entity != null) {
                response.setEntity(new HttpEntityWrapper(entity) {
                    @Override
                    public void writeTo(OutputStream output) throws IOException {
                        boolean whole = false;
                        try {
                            super.writeTo(output);
                            whole = true;
                        } finally {
                            if (!whole) {
                                GuestConnection.this.close(CloseMode.IMMEDIATE);
                            }
                        }
                    }
                });
            }
            super.sendResponseEntity(response);
        }
    }

    /** Its port on the loopback. */
    public int port() {
        return server.getLocalPort();
    }

    /** How many bytes of what guests asked for were fetched from servers. */
    public long fetchedBytes() {
        return fetched.get();
    }

    /** How many bytes of what guests asked for were here already. */
    public long reusedBytes() {
        return reused.get();
    }

    /** Ends it; downloads that run break off. */
    @Override
    public void close() {
        server.close(CloseMode.IMMEDIATE);
        client.close(CloseMode.IMMEDIATE);
        running.values().forEach(SharedDownload::abort);
        try {
            for (SharedDownload download : running.values()) {
                download.awaitEnd();
            }
            if (limit.isPresent()) {
                store.shrinkTo(limit.getAsLong());
            }
        } catch (IOException e) {
            LOG.warn("The cache can't be shrunk to its size", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(ClassicHttpRequest request, ClassicHttpResponse answer) throws IOException {
        Optional<URI> target = target(request);
        if (target.isEmpty()) {
            refuse(answer, 400, "This proxy fetches from addresses that begin with http://");
            return;
        }
        if (isOurOwn(target.get()) || CachePolicy.values(request, "Via").anyMatch(via -> via.contains(NAME))) {
            refuse(answer, 508, "This request has been here before");
            return;
        }
        try {
            if (!CachePolicy.mayAnswer(request)) {
                relay(request, target.get(), answer);
                return;
            }
            try {
                cached(request, target.get(), answer);
            } catch (StoreTrouble e) {
                LOG.warn("The cache of packages is passed by: {}", e.getMessage());
                answer.setHeaders();
                relay(request, target.get(), answer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("ended by us", e);
        } catch (Unreachable e) {
            refuse(answer, 502, "Can't fetch " + target.get() + ": " + e.getMessage());
        }
    }

    private static void refuse(ClassicHttpResponse answer, int status, String why) {
        answer.setCode(status);
        answer.setEntity(new StringEntity(why + "\n", ContentType.TEXT_PLAIN.withCharset(StandardCharsets.UTF_8)));
    }

    /** Where a request goes; empty where it is none to a proxy for http. */
    private static Optional<URI> target(ClassicHttpRequest request) {
        try {
            URI uri = request.getUri();
            if (!"http".equalsIgnoreCase(uri.getScheme())
                    || uri.getHost() == null
                    || request.getMethod().equals("CONNECT")) {
                return Optional.empty();
            }
            String host = uri.getHost().equals(Loopback.HOST_IN_USER_NETWORK) ? "127.0.0.1" : uri.getHost();
            return Optional.of(new URI("http://" + host + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                    + (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath())
                    + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private boolean isOurOwn(URI target) {
        return target.getPort() == port() && Loopback.isHost(target.getHost());
    }

    // --- what may be kept

    private void cached(ClassicHttpRequest request, URI target, ClassicHttpResponse answer)
            throws IOException, InterruptedException {
        String key = LocalMediaStore.key(target);
        while (true) {
            Optional<Properties> facts = ours(() -> store.find(Kind.PACKAGES, key));
            if (facts.isPresent() && CachePolicy.isFresh(facts.get(), request, time.now())) {
                if (serve(key, facts.get(), request, answer)) {
                    return;
                }
                continue; // somebody deleted it just now
            }
            if (facts.isEmpty() && CachePolicy.isConditional(request)) {
                relay(request, target, answer);
                return;
            }
            SharedDownload mine = new SharedDownload();
            SharedDownload other = running.putIfAbsent(key, mine);
            if (other == null) {
                lead(mine, key, target, facts, request, answer);
                return;
            }
            Optional<SharedDownload.Head> head = other.awaitHead();
            if (head.isEmpty()) {
                relay(request, target, answer); // it was not to be shared
                return;
            }
            if (CachePolicy.isConditional(request)) {
                other.awaitEnd();
            } else if (follow(other, head.get(), answer)) {
                return;
            } else {
                other.awaitEnd();
            }
        }
    }

    /** Asks the server, on behalf of all who want the same meanwhile. */
    private void lead(
            SharedDownload mine,
            String key,
            URI target,
            Optional<Properties> before,
            ClassicHttpRequest request,
            ClassicHttpResponse answer)
            throws IOException, InterruptedException {
        boolean handedOn = false;
        Came came = null;
        try {
            HttpUriRequestBase asked = whole(request, target);
            before.ifPresent(facts -> CachePolicy.ask(asked, facts));
            came = send(asked);
            if (came.response().getCode() == 304 && before.isPresent()) {
                Properties facts = CachePolicy.refreshed(before.get(), came.response(), time.now());
                if (serve(key, facts, request, answer)) {
                    return;
                }
                came.close(); // somebody deleted it just now
                came = send(whole(request, target));
            }
            HttpEntity entity = came.response().getEntity();
            long length = entity == null ? -1 : entity.getContentLength();
            // where neither a length nor chunks tell the end, nobody knows whether it is whole
            boolean tellsItsEnd = length >= 0 || (entity != null && entity.isChunked());
            Optional<Properties> facts = tellsItsEnd ? CachePolicy.kept(came.response(), time.now()) : Optional.empty();
            // where another program fetches the same, we do so for ourselves: it may be slow
            Optional<FileLock> lock = facts.isPresent()
                    ? ours(() -> store.hasRoom(length) ? store.tryWork(key) : Optional.<FileLock>empty())
                    : Optional.empty();
            if (lock.isPresent()) {
                facts.get().putAll(LocalMediaStore.named(target));
                share(mine, key, new SharedDownload.Head(facts.get(), length), came, lock.get(), answer);
            } else {
                pass(came, request.getMethod(), answer);
            }
            handedOn = true;
        } finally {
            if (!handedOn && came != null) {
                came.close();
            }
            if (!mine.isBegun()) {
                running.remove(key, mine);
                mine.end();
            }
        }
    }

    /** Begins to take a file, which who asked and all others read while it comes. */
    private void share(
            SharedDownload download,
            String key,
            SharedDownload.Head head,
            Came body,
            FileLock lock,
            ClassicHttpResponse answer)
            throws IOException, InterruptedException {
        boolean begun = false;
        try {
            boolean followed = ours(() -> {
                download.begin(store.incoming(key), head);
                return follow(download, head, answer);
            });
            if (!followed) {
                throw new IOException("the proxy ends");
            }
            Transfer.daemon("oz-package", () -> pump(download, key, body, lock));
            begun = true;
        } finally {
            if (!begun) {
                store.forget(key);
                lock.close();
                running.remove(key, download);
                download.end();
            }
        }
    }

    /** Brings the file to its end, and keeps it. */
    private void pump(SharedDownload download, String key, Came body, FileLock lock) {
        try (lock) {
            try (body) {
                InputStream content = body.response().getEntity().getContent();
                String sha256 = download.take(content);
                body.end();
                fetched.addAndGet(download.written());
                store.publish(Kind.PACKAGES, key, store.incoming(key), sha256, download.facts())
                        .close();
            } finally {
                store.forget(key);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("What a guest downloads is not kept", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.remove(key, download);
            download.end();
        }
    }

    private static boolean follow(SharedDownload download, SharedDownload.Head head, ClassicHttpResponse answer)
            throws IOException {
        Optional<InputStream> content = download.follow();
        content.ifPresent(stream -> {
            answer.setCode(200);
            CachePolicy.describe(answer, head.facts());
            answer.setEntity(new InputStreamEntity(stream, head.length(), null));
        });
        return content.isPresent();
    }

    /** Answers with a kept file; false where it is gone. */
    private boolean serve(String key, Properties facts, ClassicHttpRequest request, ClassicHttpResponse answer)
            throws IOException, InterruptedException {
        return ours(() -> {
            Optional<Stored> kept = store.use(Kind.PACKAGES, key, facts.getProperty(Store.SHA256, ""), facts);
            if (kept.isEmpty()) {
                return false;
            }
            reused.addAndGet(KeptAnswer.give(kept.get(), facts, request, answer, time.now()));
            return true;
        });
    }

    /** The store can't be read or written; guests go on without it. */
    private static final class StoreTrouble extends IOException {
        private static final long serialVersionUID = 1L;

        StoreTrouble(IOException cause) {
            super(cause.toString(), cause);
        }
    }

    private interface StoreWork<T> {
        T run() throws IOException, InterruptedException;
    }

    private static <T> T ours(StoreWork<T> work) throws StoreTrouble, InterruptedException {
        try {
            return work.run();
        } catch (IOException e) {
            throw new StoreTrouble(e);
        }
    }

    // --- what is passed on

    /** A server that can't be reached, or answers nonsense. */
    private static final class Unreachable extends IOException {
        private static final long serialVersionUID = 1L;

        Unreachable(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** What a server answers, with the request that it is for. */
    private record Came(HttpUriRequestBase request, ClassicHttpResponse response) implements AutoCloseable {
        /** Hangs up, unless all was read: to read the rest of gigabytes would be the polite way. */
        @Override
        public void close() {
            request.cancel();
            end();
        }

        /** Lets the connection be used again; for one whose body was read to its end. */
        void end() {
            try {
                response.close();
            } catch (IOException e) {
                LOG.debug("A connection broke as it was closed", e);
            }
        }
    }

    private Came send(HttpUriRequestBase request) throws Unreachable {
        try {
            return new Came(request, client.executeOpen(null, request, null));
        } catch (IOException e) {
            throw new Unreachable(e);
        }
    }

    private HttpUriRequestBase asked(ClassicHttpRequest request, URI target) {
        HttpUriRequestBase asked = new HttpUriRequestBase(request.getMethod(), target);
        for (Header header : request.getHeaders()) {
            if (CachePolicy.isEndToEnd(header.getName(), request)
                    && !header.getName().equalsIgnoreCase("Host")
                    && !header.getName().equalsIgnoreCase("Content-Length")
                    && !header.getName().equalsIgnoreCase("Accept-Encoding")) {
                asked.addHeader(header);
            }
        }
        asked.addHeader("Via", "1.1 " + NAME);
        network.proxyAccount(target).ifPresent(value -> asked.setHeader("Proxy-Authorization", value));
        return asked;
    }

    private HttpUriRequestBase whole(ClassicHttpRequest request, URI target) {
        HttpUriRequestBase asked = asked(request, target);
        CachePolicy.unconditional(asked);
        return asked;
    }

    private void relay(ClassicHttpRequest request, URI target, ClassicHttpResponse answer) throws IOException {
        HttpUriRequestBase asked = asked(request, target);
        asked.setEntity(request.getEntity());
        pass(send(asked), request.getMethod(), answer);
    }

    private void pass(Came passed, String method, ClassicHttpResponse answer) throws IOException {
        ClassicHttpResponse came = passed.response();
        answer.setCode(came.getCode());
        for (Header header : came.getHeaders()) {
            if (CachePolicy.isEndToEnd(header.getName(), came)
                    && !header.getName().equalsIgnoreCase("Content-Length")) {
                answer.addHeader(header);
            }
        }
        answer.addHeader("Via", "1.1 " + NAME);
        HttpEntity entity = came.getEntity();
        boolean body = entity != null && !method.equals("HEAD");
        if (body) {
            InputStream content = new Relayed(entity.getContent(), entity.getContentLength(), passed, fetched);
            answer.setEntity(new InputStreamEntity(content, entity.getContentLength(), null));
            return;
        }
        Optional<Long> length = CachePolicy.values(came, "Content-Length")
                .filter(text -> text.matches("\\d{1,18}"))
                .findFirst()
                .map(Long::valueOf);
        passed.end();
        if (method.equals("HEAD") && length.isPresent()) {
            answer.setEntity(new InputStreamEntity(InputStream.nullInputStream(), length.get(), null));
        }
    }

    /** A server's own answer as it comes; the connection is free, or is given up, with it. */
    private static final class Relayed extends FilterInputStream {
        private final Came came;
        private final AtomicLong counted;
        /** How many bytes are to come; negative where nobody knows. */
        private long left;

        private boolean whole;

        Relayed(InputStream content, long length, Came came, AtomicLong counted) {
            super(content);
            this.left = length;
            this.came = came;
            this.counted = counted;
        }

        @Override
        public int read(byte[] into, int from, int count) throws IOException {
            int read = super.read(into, from, count);
            counted.addAndGet(Math.max(0, read));
            left -= Math.max(0, read);
            whole |= read < 0 || left == 0;
            return read;
        }

        @Override
        public void close() {
            if (whole) {
                came.end();
            } else {
                came.close();
            }
        }
    }
}
