package org.oz4j.media;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

import org.apache.ftpserver.ConnectionConfigFactory;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.ftplet.DefaultFtplet;
import org.apache.ftpserver.ftplet.FtpRequest;
import org.apache.ftpserver.ftplet.FtpSession;
import org.apache.ftpserver.ftplet.FtpletResult;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.StoppedTime;
import org.oz4j.TimeSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Servers of the odd kind: ones that lie, stall and change their minds, and FTP servers. */
class FetchingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    @TempDir
    Path folder;

    private final byte[] content = new byte[700_000];
    private final List<Duration> waits = new ArrayList<>();
    private LocalMediaStore store = store(Map.of());

    private LocalMediaStore store(Map<String, String> environment) {
        TimeSource time = new StoppedTime(waits::add);
        Path home = folder == null ? Path.of("none") : folder;
        return new LocalMediaStore(
                home.resolve("cache"), time, OptionalLong.empty(), new HostNetwork(environment, home), PATIENCE);
    }

    @BeforeEach
    void fill() {
        new Random(11).nextBytes(content);
        store = store(Map.of());
    }

    private Path fetched(URI location) throws InterruptedException {
        return store.fetch(List.of(location), Optional.empty(), MediaStore.Kind.MEDIA, TransferListener.NONE)
                .path();
    }

    private MediaException refused(URI location) {
        return catchThrowableOfType(MediaException.class, () -> fetched(location));
    }

    /** A server that answers each connection with the next of these bytes, then hangs or hangs up. */
    private static final class Script implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
        private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());

        Script(boolean hangs, byte[]... answers) throws IOException {
            Thread thread = new Thread(() -> {
                for (int i = 0; ; i++) {
                    try {
                        answer(socket.accept(), hangs, answers[Math.min(i, answers.length - 1)]);
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private void answer(Socket client, boolean hangs, byte[] answer) {
            open.add(client);
            try {
                requests.add(request(client));
                OutputStream out = client.getOutputStream();
                out.write(answer);
                out.flush();
                if (!hangs) {
                    client.close();
                }
            } catch (IOException e) {
                // it had heard enough
            }
        }

        private String request(Socket client) throws IOException {
            StringBuilder text = new StringBuilder();
            while (!text.toString().endsWith("\r\n\r\n")) {
                int next = client.getInputStream().read();
                if (next < 0) {
                    break;
                }
                text.append((char) next);
            }
            return text.toString();
        }

        URI location() {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/medium.iso");
        }

        @Override
        public void close() throws IOException {
            socket.close();
            for (Socket client : open) {
                client.close();
            }
        }
    }

    private static byte[] answer(String head, byte[] body) {
        byte[] text = (head.replace("\n", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = Arrays.copyOf(text, text.length + body.length);
        System.arraycopy(body, 0, all, text.length, body.length);
        return all;
    }

    private void assertNothingIsKept() throws IOException {
        try (Stream<Path> objects = Files.list(folder.resolve("cache/objects"))) {
            assertThat(objects).isEmpty();
        }
    }

    @Test
    void aServerThatSendsLessThanItSaysIsNotBelieved() throws Exception {
        try (Script server =
                new Script(false, answer("HTTP/1.1 200 OK\nContent-Length: 800000\nConnection: close", content))) {
            MediaException failure = refused(server.location());

            assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(failure).hasMessageContaining("800000").hasMessageContaining("700000");
            assertThat(server.requests).hasSize(3);
        }
        assertNothingIsKept();
    }

    @Test
    void aServerThatStallsIsGivenUp() throws Exception {
        byte[] half = Arrays.copyOf(content, 300_000);
        try (Script server = new Script(true, answer("HTTP/1.1 200 OK\nContent-Length: 700000\nETag: \"a\"", half))) {
            MediaException failure = refused(server.location());

            assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(failure).hasMessageContaining("timed out");
            assertThat(waits).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(4));
        }
        assertNothingIsKept();
    }

    @Test
    void aFileThatChangesBetweenRangesIsFetchedAnew() throws Exception {
        byte[] half = Arrays.copyOf(new byte[700_000], 300_000);
        String range = "HTTP/1.1 206 Partial Content\nContent-Length: 400000\nConnection: close\n"
                + "Content-Range: bytes 300000-699999/700000\nETag: ";
        try (Script server = new Script(
                false,
                answer("HTTP/1.1 200 OK\nContent-Length: 700000\nETag: \"old\"\nConnection: close", half),
                // a server that does not heed If-Range
                answer(range + "\"new\"", Arrays.copyOfRange(content, 300_000, 700_000)),
                answer("HTTP/1.1 200 OK\nContent-Length: 700000\nETag: \"new\"\nConnection: close", content))) {
            assertThat(fetched(server.location())).hasBinaryContent(content);
            assertThat(server.requests.get(1)).contains("Range: bytes=300000-").contains("If-Range: \"old\"");
            assertThat(server.requests.get(2)).doesNotContain("Range");
        }
    }

    @Test
    void aServerThatHasLessThanBeforeStartsAnew() throws Exception {
        byte[] half = Arrays.copyOf(content, 300_000);
        try (Script server = new Script(
                false,
                answer("HTTP/1.1 200 OK\nContent-Length: 700000\nETag: \"a\"\nConnection: close", half),
                answer("HTTP/1.1 416 Range Not Satisfiable\nContent-Length: 0\nConnection: close", new byte[0]),
                answer(
                        "HTTP/1.1 200 OK\nContent-Length: 5\nETag: \"b\"\nConnection: close",
                        "short".getBytes(StandardCharsets.UTF_8)))) {
            assertThat(fetched(server.location())).hasContent("short");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 416 Range Not Satisfiable\nContent-Length: 0\nConnection: close",
                "HTTP/1.1 206 Partial Content\nContent-Range: bytes 7-9/10\nContent-Length: 0\nConnection: close"
            })
    void aServerThatSpeaksOfRangesUnaskedIsNotAskedForEver(String answer) throws Exception {
        try (Script server = new Script(false, answer(answer, new byte[0]))) {
            MediaException failure = refused(server.location());

            assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void aSmallFileThatIsNoneIsNotReadToItsEnd() throws Exception {
        try (Script server = new Script(true, answer("HTTP/1.1 200 OK\nContent-Length: 90000000", content))) {
            MediaException failure = catchThrowableOfType(
                    MediaException.class, () -> store.downloads().text(server.location(), 1000));

            assertThat(failure.kind()).isEqualTo(Kind.TOO_LARGE);
            assertThat(waits).isEmpty();
        }
    }

    @Test
    void anInterruptEndsWaitingForASilentServer() throws Exception {
        try (Script server = new Script(true, new byte[0])) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> fetched(server.location())).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void aMediumThatDoesNotFitIsRefusedBeforeItIsFetched() throws Exception {
        try (Script server =
                new Script(true, answer("HTTP/1.1 200 OK\nContent-Length: 4611686018427387904", new byte[0]))) {
            MediaException failure = refused(server.location());

            assertThat(failure.kind()).isEqualTo(Kind.NO_SPACE);
            assertThat(failure).hasMessageContaining("4611686018427387904");
        }
        assertNothingIsKept();
    }

    /** A real FTP server; the transfers that are listed break off after so many bytes. */
    private static final class Ftp implements AutoCloseable {
        final List<String> commands = Collections.synchronizedList(new ArrayList<>());
        private final FtpServer server;
        private final int port;

        Ftp(Path root) throws Exception {
            FtpServerFactory factory = new FtpServerFactory();
            ListenerFactory listener = new ListenerFactory();
            listener.setServerAddress("127.0.0.1");
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            listener.setPort(port);
            factory.addListener("default", listener.createListener());
            for (String[] account : new String[][] {{"anonymous", "x"}, {"ann", "se cret"}}) {
                BaseUser user = new BaseUser();
                user.setName(account[0]);
                user.setPassword(account[1]);
                user.setHomeDirectory(root.toString());
                factory.getUserManager().save(user);
            }
            factory.setFtplets(new HashMap<>(Map.of("log", new DefaultFtplet() {
                @Override
                public FtpletResult beforeCommand(FtpSession session, FtpRequest request) {
                    commands.add(request.getRequestLine());
                    return FtpletResult.DEFAULT;
                }
            })));
            ConnectionConfigFactory limits = new ConnectionConfigFactory();
            limits.setLoginFailureDelay(0);
            factory.setConnectionConfig(limits.createConnectionConfig());
            server = factory.createServer();
            server.start();
        }

        URI location(String account, String path) {
            return URI.create("ftp://" + account + "127.0.0.1:" + port + path);
        }

        @Override
        public void close() {
            server.stop();
        }
    }

    @Test
    void fetchesByFtpAndAsksWhetherItChanged() throws Exception {
        Path root = Files.createDirectory(folder.resolve("ftp"));
        Files.write(Files.createDirectory(root.resolve("pub")).resolve("medium.iso"), content);
        try (Ftp server = new Ftp(root)) {
            assertThat(fetched(server.location("", "/pub/medium.iso"))).hasBinaryContent(content);
            assertThat(fetched(server.location("", "/pub/medium.iso"))).hasBinaryContent(content);
            assertThat(server.commands)
                    .filteredOn(line -> line.startsWith("RETR"))
                    .hasSize(1);

            MediaException failure = refused(server.location("", "/pub/none.iso"));
            assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
            assertThat(store.downloads().text(server.location("", "/pub/none"), 10))
                    .isEmpty();
        }
    }

    @Test
    void fetchesAFolderByFtpAndNoneByHttp() throws Exception {
        Path root = Files.createDirectory(folder.resolve("ftp"));
        Path deep = Files.createDirectories(root.resolve("drivers/with a blank"));
        Files.write(deep.resolve("a%b.sys"), content);
        Files.writeString(root.resolve("drivers/readme"), "text");
        Path target = folder.resolve("fetched");
        try (Ftp server = new Ftp(root)) {
            store.downloads().fetchFolder(server.location("", "/drivers"), target);

            assertThat(target.resolve("with a blank/a%b.sys")).hasBinaryContent(content);
            try (Stream<Path> files = Files.walk(target)) {
                assertThat(files.filter(Files::isRegularFile)).hasSize(2);
            }
            assertThatThrownBy(
                            () -> store.downloads().fetchFolder(server.location("", "/none"), folder.resolve("none")))
                    .isInstanceOf(MediaException.class)
                    .hasMessageContaining("There is no folder at");
        }
        assertThat(folder.resolve("none")).doesNotExist();
        assertThatThrownBy(() ->
                        store.downloads().fetchFolder(URI.create("http://127.0.0.1:1/drivers"), folder.resolve("none")))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("has no way to list it");
    }

    @Test
    void logsInToAnFtpServerAndShowsNoPassword() throws Exception {
        Path root = Files.createDirectory(folder.resolve("ftp"));
        Files.write(root.resolve("medium.iso"), content);
        try (Ftp server = new Ftp(root)) {
            assertThat(fetched(server.location("ann:se%20cret@", "/medium.iso")))
                    .hasBinaryContent(content);

            assertThatThrownBy(() -> fetched(server.location("ann:other@", "/medium.iso")))
                    .isInstanceOf(MediaException.class)
                    .hasMessageContaining("does not let us in")
                    .hasMessageNotContaining("other");
        }
    }

    @Test
    void goesOnByFtpWhereAnEarlierProgramStopped() throws Exception {
        Path root = Files.createDirectory(folder.resolve("ftp"));
        Files.write(root.resolve("medium.iso"), content);
        Optional<Checksum> sum = Optional.of(new Checksum(
                "SHA-256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content))));
        try (Ftp server = new Ftp(root)) {
            URI location = server.location("", "/medium.iso");
            // the listener stands for whatever ends the program in the midst of a transfer
            assertThatThrownBy(() -> store.fetch(List.of(location), sum, MediaStore.Kind.MEDIA, (done, total) -> {
                        if (done > 0) {
                            throw new IllegalStateException("dies");
                        }
                    }))
                    .hasMessage("dies");
            Path part;
            try (Stream<Path> files = Files.list(folder.resolve("cache/incoming"))) {
                part = files.filter(file -> file.toString().endsWith(".part"))
                        .findFirst()
                        .orElseThrow();
            }
            Files.write(part, Arrays.copyOf(content, 1234));

            assertThat(store.fetch(List.of(location), sum, MediaStore.Kind.MEDIA, TransferListener.NONE)
                            .path())
                    .hasBinaryContent(content);
            assertThat(server.commands).contains("REST 1234");
        }
    }
}
