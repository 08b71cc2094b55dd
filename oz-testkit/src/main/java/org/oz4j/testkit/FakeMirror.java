package org.oz4j.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.oz4j.testkit.FaultPlan.Kind;

/**
 * A mirror on loopback that serves files with ranges and ETags over HTTP, and fails as mirrors do when told to.
 *
 * <p>Paths begin with {@code /}. A fault holds until {@link #heals}. Safe for use by many threads.
 */
public final class FakeMirror implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    /** What is wrong with a file. */
    private sealed interface Fault {
        record NotFound() implements Fault {}

        record Cut(long after) implements Fault {}

        record Stall(long after) implements Fault {}

        record WrongLength(long off) implements Fault {}

        record Redirect(String to) implements Fault {}

        record Status(int code) implements Fault {}
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fake-mirror");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, Fault> faults = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean ranges = true;
    private volatile FaultPlan plan = FaultPlan.nothing();

    private FakeMirror(HttpServer server) {
        this.server = server;
    }

    /** Starts an empty mirror on a free port. */
    public static FakeMirror start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FakeMirror mirror = new FakeMirror(server);
            server.createContext("/", mirror::answer);
            server.setExecutor(mirror.threads);
            server.start();
            return mirror;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Serves those bytes at that path. */
    public FakeMirror file(String path, byte[] content) {
        files.put(path, content.clone());
        return this;
    }

    /** Serves that text, in UTF-8, at that path. */
    public FakeMirror file(String path, String content) {
        return file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Serves every file below a folder as it is now, below that path. */
    public FakeMirror folder(String path, Path folder) throws IOException {
        String prefix = path.endsWith("/") ? path : path + "/";
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                file(prefix + folder.relativize(each).toString().replace('\\', '/'), Files.readAllBytes(each));
            }
        }
        return this;
    }

    /** Answers 404. */
    public FakeMirror notFound(String path) {
        return fault(path, new Fault.NotFound());
    }

    /** Answers that status, as 503. */
    public FakeMirror answers(String path, int status) {
        return fault(path, new Fault.Status(status));
    }

    /** Breaks the connection once that many bytes of an answer are sent. */
    public FakeMirror cutsAfter(String path, long bytes) {
        return fault(path, new Fault.Cut(bytes));
    }

    /** Sends nothing more once that many bytes of an answer are sent, and keeps the connection until the close. */
    public FakeMirror stallsAfter(String path, long bytes) {
        return fault(path, new Fault.Stall(bytes));
    }

    /** Says that the file is that many bytes longer than what it sends. */
    public FakeMirror wrongLength(String path, long tooMany) {
        return fault(path, new Fault.WrongLength(tooMany));
    }

    /** Redirects (302) to another path or address. */
    public FakeMirror redirects(String path, String to) {
        return fault(path, new Fault.Redirect(to));
    }

    /** Ignores requests for parts of files, and sends all of them. */
    public FakeMirror withoutRanges() {
        ranges = false;
        return this;
    }

    /** Ends the fault of that path. */
    public FakeMirror heals(String path) {
        faults.remove(path);
        return this;
    }

    void faults(FaultPlan faulty) {
        plan = faulty;
    }

    private FakeMirror fault(String path, Fault fault) {
        faults.put(path, fault);
        return this;
    }

    /** The address of a path. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    /** Every request so far, in order, as in {@code GET /a/file} or {@code GET /a/file bytes=5-}. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** How often a path was asked for, by whatever method. */
    public int requests(String path) {
        return (int) requests.stream()
                .filter(each -> each.split(" ")[1].equals(path))
                .count();
    }

    /** Stops the mirror, and breaks the connections that are open. */
    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
        byte[] content = files.get(path);
        Fault fault = plan.pass("fetch " + exchange.getRequestMethod() + " " + path, EnumSet.allOf(Kind.class))
                .<Fault>map(kind -> kind == Kind.HALF_DONE && content != null
                        ? new Fault.Cut(content.length / 2)
                        : new Fault.Status(500))
                .orElseGet(() -> faults.get(path));
        if (fault instanceof Fault.Redirect redirect) {
            exchange.getResponseHeaders().set("Location", redirect.to());
            status(exchange, 302);
        } else if (fault instanceof Fault.Status status) {
            status(exchange, status.code());
        } else if (content == null || fault instanceof Fault.NotFound) {
            status(exchange, 404);
        } else {
            serve(exchange, content, Optional.ofNullable(range), Optional.ofNullable(fault));
        }
    }

    private static void status(HttpExchange exchange, int code) throws IOException {
        exchange.sendResponseHeaders(code, -1);
        exchange.close();
    }

    private void serve(HttpExchange exchange, byte[] content, Optional<String> range, Optional<Fault> fault)
            throws IOException {
        String tag = tag(content);
        exchange.getResponseHeaders().set("ETag", tag);
        if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            status(exchange, 304);
            return;
        }
        String condition = exchange.getRequestHeaders().getFirst("If-Range");
        boolean partial = ranges && range.isPresent() && (condition == null || condition.equals(tag));
        byte[] body = content;
        if (ranges) {
            exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        }
        if (partial) {
            Matcher wanted = RANGE.matcher(range.orElseThrow());
            if (!wanted.matches() || Long.parseLong(wanted.group(1)) >= content.length) {
                exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
                status(exchange, 416);
                return;
            }
            int from = Integer.parseInt(wanted.group(1));
            int to = wanted.group(2).isEmpty()
                    ? content.length
                    : (int) Math.min(content.length, Long.parseLong(wanted.group(2)) + 1);
            body = Arrays.copyOfRange(content, from, to);
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + content.length);
        }
        send(exchange, partial ? 206 : 200, body, fault);
    }

    private void send(HttpExchange exchange, int status, byte[] body, Optional<Fault> fault) throws IOException {
        long excess = fault.orElse(null) instanceof Fault.WrongLength wrong ? wrong.off() : 0;
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(body.length + excess));
            status(exchange, status);
            return;
        }
        long length = body.length + excess;
        exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
        OutputStream out = exchange.getResponseBody();
        if (fault.orElse(null) instanceof Fault.Cut cut) {
            out.write(body, 0, (int) Math.min(body.length, cut.after()));
        } else if (fault.orElse(null) instanceof Fault.Stall stall) {
            out.write(body, 0, (int) Math.min(body.length, stall.after()));
            out.flush();
            awaitEnd();
        } else if (length > 0) {
            out.write(body);
        }
        out.flush();
        exchange.close(); // where bytes are missing the server breaks the connection
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String tag(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return "\"" + Long.toHexString(crc.getValue()) + "-" + content.length + "\"";
    }
}
