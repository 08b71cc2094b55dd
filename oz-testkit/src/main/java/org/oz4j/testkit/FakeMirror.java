package org.oz4j.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.jspecify.annotations.Nullable;
import org.oz4j.testkit.FaultPlan.Kind;

/**
 * A mirror on loopback that serves files with ranges and ETags by HTTP, and by FTP, and fails as mirrors do when told to.
 *
 * <p>Paths begin with {@code /}. A fault holds until {@link #heals}. By FTP a redirect and a status are a file that can't be
 * opened; a transfer that is cut is said to be complete, and one that is reset is said to have failed (426), where the last
 * blocks before that are lost. Safe for use by many threads.
 */
public final class FakeMirror implements AutoCloseable {
    private static final long FIRST_CHANGE = 1_700_000_000_000L; // FTP tells whole seconds
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    /** What is wrong with a file. */
    private sealed interface Fault {
        record NotFound() implements Fault {}

        record Cut(long after, boolean reset) implements Fault {}

        record Stall(long after) implements Fault {}

        record WrongLength(long off) implements Fault {}

        record Redirect(String to) implements Fault {}

        record Status(int code) implements Fault {}
    }

    private final HttpServer server;
    private final Relay door;
    private @Nullable FakeFtp ftp;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fake-mirror");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final Map<String, Long> changes = new ConcurrentHashMap<>();
    private final Map<String, String> accounts = new ConcurrentHashMap<>();
    private final Map<String, Fault> faults = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean ranges = true;
    private volatile FaultPlan plan = FaultPlan.nothing();

    private FakeMirror(HttpServer server) throws IOException {
        this.server = server;
        door = new Relay(server.getAddress().getPort(), threads);
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
        changes.merge(path, FIRST_CHANGE, (before, first) -> before + 1000);
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
        return fault(path, new Fault.Cut(bytes, false));
    }

    /** The same by a reset (RST), as of a server that was ended or a firewall that had enough. */
    public FakeMirror resetsAfter(String path, long bytes) {
        return fault(path, new Fault.Cut(bytes, true));
    }

    /** Gives a file to those who log in so: by HTTP's basic authentication, or by FTP. */
    public FakeMirror needsLogin(String path, String user, String password) {
        accounts.put(path, user + ":" + password);
        return this;
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
        return URI.create("http://127.0.0.1:" + door.port() + path);
    }

    /** The address of a path by FTP, whose server starts when it is first asked for. */
    public synchronized URI ftpUri(String path) {
        if (ftp == null) {
            ftp = new FakeFtp(new ByFtp());
        }
        return URI.create("ftp://127.0.0.1:" + ftp.port() + path);
    }

    /**
     * Every request so far, in order, as in {@code GET /a/file} or {@code GET /a/file bytes=5-}; {@code RETR /a/file} by FTP,
     * of which no others are told.
     */
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
    public synchronized void close() {
        end.countDown();
        if (ftp != null) {
            ftp.close();
        }
        door.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
        byte[] content = files.get(path);
        Fault fault = fault(exchange.getRequestMethod(), path);
        String account = accounts.get(path);
        if (account != null
                && !basic(account).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"the fake mirror\"");
            status(exchange, 401);
        } else if (fault instanceof Fault.Redirect redirect) {
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

    /** What is wrong with a file now, if anything. */
    private @Nullable Fault fault(String method, String path) {
        byte[] content = files.get(path);
        return plan.pass("fetch " + method + " " + path, EnumSet.allOf(Kind.class))
                .<Fault>map(kind -> kind == Kind.HALF_DONE && content != null
                        ? new Fault.Cut(content.length / 2, false)
                        : new Fault.Status(500))
                .orElseGet(() -> faults.get(path));
    }

    private static String basic(String account) {
        return "Basic " + Base64.getEncoder().encodeToString(account.getBytes(StandardCharsets.UTF_8));
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
            if (cut.reset()) {
                door.reset(exchange.getRemoteAddress().getPort());
            }
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

    /** What is served by FTP. */
    private final class ByFtp implements FakeFtp.Files {
        @Override
        public Set<String> paths() {
            Set<String> paths = new HashSet<>(files.keySet());
            paths.removeIf(path -> faults.get(path) instanceof Fault.NotFound);
            return paths;
        }

        @Override
        public boolean mayRead(String path, String account) {
            String needed = accounts.get(path);
            return needed == null || needed.equals(account);
        }

        @Override
        public boolean isAccount(String account) {
            return accounts.containsValue(account);
        }

        @Override
        public long length(String path) {
            long excess = faults.get(path) instanceof Fault.WrongLength wrong ? wrong.off() : 0;
            return files.getOrDefault(path, new byte[0]).length + excess;
        }

        @Override
        public long changed(String path) {
            return changes.getOrDefault(path, FIRST_CHANGE);
        }

        @Override
        public InputStream open(String path, long from) throws IOException {
            requests.add("RETR " + path + (from == 0 ? "" : " bytes=" + from + "-"));
            byte[] content = files.getOrDefault(path, new byte[0]);
            Fault fault = fault("RETR", path);
            if (fault instanceof Fault.Status || fault instanceof Fault.Redirect || (from > 0 && !ranges)) {
                throw new IOException("the mirror does not open " + path);
            }
            byte[] rest = Arrays.copyOfRange(content, (int) Math.min(from, content.length), content.length);
            if (fault instanceof Fault.Cut cut && cut.after() < rest.length) {
                InputStream some = new ByteArrayInputStream(rest, 0, (int) cut.after());
                return cut.reset() ? new Broken(some, () -> {}) : some;
            }
            return fault instanceof Fault.Stall stall
                    ? new Broken(
                            new ByteArrayInputStream(rest, 0, (int) Math.min(rest.length, stall.after())),
                            FakeMirror.this::awaitEnd)
                    : new ByteArrayInputStream(rest);
        }
    }

    /** Bytes after which reading fails, and what is waited for before that. */
    private static final class Broken extends InputStream {
        private final InputStream bytes;
        private final Runnable wait;

        Broken(InputStream bytes, Runnable wait) {
            this.bytes = bytes;
            this.wait = wait;
        }

        @Override
        public int read() throws IOException {
            int next = bytes.read();
            return next < 0 ? fail() : next;
        }

        @Override
        public int read(byte[] into, int at, int most) throws IOException {
            int count = bytes.read(into, at, most);
            return count < 0 ? fail() : count;
        }

        private int fail() throws IOException {
            wait.run();
            throw new IOException("the mirror breaks off");
        }
    }
}
