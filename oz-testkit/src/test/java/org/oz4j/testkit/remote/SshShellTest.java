package org.oz4j.testkit.remote;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.mac.BuiltinMacs;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.GuestUnreachableException;
import org.oz4j.TimeSource;
import org.oz4j.remote.Ed25519Key;
import org.oz4j.remote.GuestShell;
import org.oz4j.remote.RsaKey;
import org.oz4j.remote.ShellWords;
import org.oz4j.remote.SshKey;
import org.oz4j.remote.SshKnocker;
import org.oz4j.remote.SshShell;
import org.oz4j.testkit.VirtualTime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Against a real ssh server, whose commands are run by this host's sh. */
@Timeout(60)
class SshShellTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofSeconds(1);

    private final Ed25519Key user = Ed25519Key.generate();
    private final Ed25519Key host = Ed25519Key.generate();
    private final SshServer server = SshServer.setUpDefaultServer();
    private final Path folder;

    SshShellTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        server.setHost("127.0.0.1");
        show(host);
        server.setPublickeyAuthenticator(
                (name, key, session) -> PublicKeyEntry.toString(key).equals(user.publicLine()) && name.equals("root"));
        server.setCommandFactory((channel, command) -> new ShCommand(command));
    }

    private void show(SshKey key) throws Exception {
        server.setKeyPairProvider(ServedCommand.hostKey(key.openSshPrivateKey()));
    }

    @SuppressWarnings("deprecation") // what is old is what this is about
    @Test
    void logsInAtAServerThatKnowsOnlyWhatWasKnownBefore2014() throws Exception {
        RsaKey rsaHost = RsaKey.generate();
        RsaKey rsaUser = RsaKey.generate();
        show(rsaHost);
        server.setPublickeyAuthenticator(
                (name, key, session) -> PublicKeyEntry.toString(key).equals(rsaUser.publicLine()));
        server.setSignatureFactories(List.of(BuiltinSignatures.rsa));
        server.setKeyExchangeFactories(
                NamedFactory.setUpTransformedFactories(true, List.of(BuiltinDHFactories.dhg1), ServerBuilder.DH2KEX));
        server.setCipherFactories(List.of(BuiltinCiphers.tripledescbc));
        server.setMacFactories(List.of(BuiltinMacs.hmacsha1));
        server.start();

        try (SshShell shell = SshShell.connect(
                new SshShell.Target("127.0.0.1", server.getPort(), rsaUser, rsaHost),
                TimeSource.system(),
                Duration.ZERO,
                new SshShell.Waiting(Duration.ofMinutes(1), () -> {}))) {
            assertThat(shell.run("echo old", LIMIT, line -> {}).status()).isZero();
        }
    }

    @Test
    void refusesAnotherRsaHostKey() throws Exception {
        show(RsaKey.generate());
        server.start();

        assertThatThrownBy(() -> SshShell.connect(
                        new SshShell.Target("127.0.0.1", server.getPort(), user, RsaKey.generate()),
                        TimeSource.system(),
                        Duration.ZERO,
                        new SshShell.Waiting(Duration.ofMinutes(1), () -> {})))
                .isInstanceOf(GuestUnreachableException.class)
                .hasMessageContaining("does not show the host key of the guest");
    }

    @AfterEach
    void stops() throws IOException {
        server.stop(true);
    }

    private SshShell connect() throws IOException, InterruptedException {
        server.start();
        return connect(server.getPort(), Duration.ofMinutes(1), () -> {});
    }

    private SshShell connect(int port, Duration silence, Runnable check) throws InterruptedException {
        return SshShell.connect(
                new SshShell.Target("127.0.0.1", port, user, host),
                TimeSource.system(),
                Duration.ZERO,
                new SshShell.Waiting(silence, check));
    }

    /** Runs a command by sh, as an ssh server does. */
    private static final class ShCommand extends ServedCommand {
        private final String command;

        ShCommand(String command) {
            this.command = command;
        }

        @Override
        public void start(ChannelSession channel, Environment environment) throws IOException {
            Process process = new ProcessBuilder("sh", "-c", command).start();
            Thread output = pump(process.getInputStream(), out);
            Thread errors = pump(process.getErrorStream(), err);
            Thread input = new Thread(() -> {
                try (OutputStream to = process.getOutputStream()) {
                    in.transferTo(to);
                } catch (IOException e) {
                    // the command reads no more
                }
            });
            input.setDaemon(true);
            input.start();
            Thread end = new Thread(() -> {
                try {
                    int status = process.waitFor();
                    output.join();
                    errors.join();
                    exit.onExit(status);
                } catch (InterruptedException e) {
                    process.destroyForcibly();
                }
            });
            end.setDaemon(true);
            end.start();
        }

        private static Thread pump(InputStream from, OutputStream to) {
            Thread thread = new Thread(() -> {
                try (from) {
                    byte[] chunk = new byte[8192];
                    for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
                        to.write(chunk, 0, count);
                        to.flush();
                    }
                } catch (IOException e) {
                    // the client is gone
                }
            });
            thread.setDaemon(true);
            thread.start();
            return thread;
        }
    }

    @Test
    void tellsStatusBothStreamsAndEachLine() throws Exception {
        try (SshShell shell = connect()) {
            List<String> lines = new ArrayList<>();

            GuestShell.Result result = shell.run("echo one; echo two >&2; printf 'no end'; exit 7", LIMIT, lines::add);

            assertThat(result.status()).isEqualTo(7);
            assertThat(result.output()).isEqualTo("one\nno end");
            assertThat(result.errors()).isEqualTo("two\n");
            assertThat(lines).containsExactlyInAnyOrder("one", "two", "no end");
            assertThat(result.lastLines(1)).containsExactly("two");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"it's", "$(touch pwned)", "`id`", "a b", "-rf", "one\ntwo", "\"", "*", "\\", ";|&", ""})
    void quotedWordsArriveAsTheyAre(String word) throws Exception {
        try (SshShell shell = connect()) {
            GuestShell.Result result =
                    shell.run(ShellWords.command(List.of("printf", "%s|", "x", word)), LIMIT, line -> {});

            assertThat(result.output()).isEqualTo("x|" + word + "|");
        }
    }

    @Test
    void writesFilesByteForByteAndKeepsTheModeOfOneThatIsThere() throws Exception {
        byte[] content = new byte[300_000];
        new Random(1).nextBytes(content);
        Path fresh = folder.resolve("it's new/$(x)/file");
        Path old = Files.writeString(folder.resolve("old"), "before");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-x---"));
        try (SshShell shell = connect()) {
            shell.upload(new ByteArrayInputStream(content), fresh.toString(), "0640", LIMIT);
            shell.upload(new ByteArrayInputStream(new byte[0]), old.toString(), "0644", LIMIT);
        }

        assertThat(fresh).hasBinaryContent(content);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rw-r-----");
        assertThat(old).isEmptyFile();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(old)))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void bringsAFileAndTellsHowMuchOfItHasCome() throws Exception {
        byte[] content = new byte[3_000_000];
        new Random(3).nextBytes(content);
        Path file = Files.write(folder.resolve("it's $(here)"), content);
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        List<Long> received = new ArrayList<>();
        List<Long> sent = new ArrayList<>();
        try (SshShell shell = connect()) {
            shell.download(file.toString(), target, LIMIT, received::add);
            shell.upload(new ByteArrayInputStream(content), folder.resolve("up").toString(), "0644", LIMIT, sent::add);
        }

        assertThat(target.toByteArray()).isEqualTo(content);
        assertThat(received).isSorted().endsWith((long) content.length);
        assertThat(sent).isSorted().endsWith((long) content.length);
    }

    @Test
    void saysWhyAFileCannotBeBrought() throws Exception {
        try (SshShell shell = connect()) {
            assertThatThrownBy(() -> shell.download(
                            folder + "/not there", OutputStream.nullOutputStream(), LIMIT, received -> {}))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("/not there can't be read in the guest")
                    .hasMessageContaining("No such file");
        }
    }

    @Test
    void whatTheHostCannotKeepOrReadIsItsOwnFault() throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[1_000_000]);
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        InputStream broken = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] bytes, int from, int most) throws IOException {
                throw new IOException("Input/output error");
            }
        };
        try (SshShell shell = connect()) {
            assertThatThrownBy(() -> shell.download(file.toString(), full, LIMIT, received -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessage("No space left on device");
        }
        try (SshShell shell = connect()) {
            assertThatThrownBy(() -> shell.upload(broken, folder.resolve("up").toString(), "0644", LIMIT))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Input/output error");
        }
    }

    @Test
    void saysWhyAFileCannotBeWritten() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        try (SshShell shell = connect()) {
            assertThatThrownBy(() ->
                            shell.upload(new ByteArrayInputStream(new byte[1]), folder + "/file/below", "0644", LIMIT))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("/file/below can't be written in the guest");
        }
    }

    @Test
    void givesACommandUpThatTakesTooLong() throws Exception {
        try (SshShell shell = connect()) {
            assertThatThrownBy(() -> shell.run("exec sleep 600", Duration.ofMillis(300), line -> {}))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("took longer than");
        }
    }

    @Test
    void noticesAConnectionThatBreaks() throws Exception {
        try (SshShell shell = connect()) {
            assertThatThrownBy(() -> shell.run("echo begun; exec sleep 600", LIMIT, line -> {
                        try {
                            server.stop(true);
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    }))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("broke while it ran");
        }
    }

    @Test
    void givesAServerUpThatStopsAnswering() throws Exception {
        server.start();
        try (Relay relay = new Relay(server.getPort());
                SshShell shell = connect(relay.port(), SILENCE, () -> {})) {
            assertThatThrownBy(() -> shell.run("echo begun; exec sleep 600", LIMIT, line -> relay.stall()))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("has not answered for 1 s while it ran: echo begun");
        }
    }

    @Test
    void givesAServerUpThatTakesNothingAnyMore() throws Exception {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 1;
            }
        };
        server.start();
        try (Relay relay = new Relay(server.getPort());
                SshShell shell = connect(relay.port(), SILENCE, () -> {})) {
            relay.stallAfter(10_000_000);
            assertThatThrownBy(() -> shell.upload(endless, "/dev/null", "0644", LIMIT))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("has not answered for 1 s");
        }
    }

    @Test
    void waitsForAServerThatAnswersThoughItsCommandSaysNothing() throws Exception {
        server.start();
        try (SshShell shell = connect(server.getPort(), SILENCE, () -> {})) {
            assertThat(shell.run("sleep 3; echo done", LIMIT, line -> {}).output())
                    .isEqualTo("done\n");
        }
    }

    @Test
    void endsWithAnInterruptWhileTheServerDoesNotTakeTheCommand() throws Exception {
        server.start();
        try (Relay relay = new Relay(server.getPort());
                SshShell shell = connect(relay.port(), LIMIT, () -> {})) {
            relay.stall();
            Thread waiting = Thread.currentThread();
            Thread interrupting = new Thread(() -> {
                relay.awaitStalled();
                waiting.interrupt();
            });
            interrupting.start();

            assertThatThrownBy(() -> shell.run("true", LIMIT, line -> {})).isInstanceOf(InterruptedException.class);
            interrupting.join();
        }
    }

    @Test
    void asksNowAndThenWhetherItIsOfAnyUseToWait() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        server.start();
        try (SshShell shell = connect(server.getPort(), LIMIT, () -> {
            if (asked.incrementAndGet() == 3) {
                throw new IllegalStateException("no use");
            }
        })) {
            assertThatThrownBy(() -> shell.run("exec sleep 600", LIMIT, line -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("no use");
        }
    }

    @Test
    void refusesAServerThatShowsAnotherHostKey() throws Exception {
        show(Ed25519Key.generate());

        assertThatThrownBy(this::connect)
                .isInstanceOf(GuestUnreachableException.class)
                .hasMessageContaining("does not show the host key of the guest");
    }

    @Test
    void triesAgainWhereTheServerHangsUpOnItsFirstClients() throws Exception {
        AtomicInteger clients = new AtomicInteger();
        server.addSessionListener(new SessionListener() {
            @Override
            public void sessionCreated(Session session) {
                if (clients.incrementAndGet() <= 3) {
                    session.close(true);
                }
            }
        });
        server.start();
        VirtualTime time = new VirtualTime();
        SshShell.Target target = new SshShell.Target("127.0.0.1", server.getPort(), user, host);

        SshShell.Waiting waiting = new SshShell.Waiting(() -> {});
        assertThatThrownBy(() -> SshShell.connect(target, time, Duration.ZERO, waiting))
                .isInstanceOf(GuestUnreachableException.class)
                .hasMessageContaining("Can't log in by ssh");
        try (SshShell shell = SshShell.connect(target, time, Duration.ofSeconds(60), waiting)) {
            assertThat(shell.run("echo in", LIMIT, line -> {}).output()).isEqualTo("in\n");
        }
        assertThat(clients).hasValue(4);
        assertThat(time.nanoTime()).isEqualTo(Duration.ofSeconds(4).toNanos());
    }

    @Test
    void endsWithAnInterrupt() throws Exception {
        try (SshShell shell = connect()) {
            assertThatThrownBy(() -> shell.run("echo begun; exec sleep 600", LIMIT, line -> Thread.currentThread()
                            .interrupt()))
                    .isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void aServerThatGreetsIsTalkedToOnThatConnection() throws Exception {
        AtomicInteger clients = new AtomicInteger();
        server.addSessionListener(new SessionListener() {
            @Override
            public void sessionCreated(Session session) {
                clients.incrementAndGet();
            }
        });
        server.start();
        try (SshShell shell = SshShell.connect(
                greeted(server.getPort()),
                user,
                host,
                TimeSource.system(),
                Duration.ZERO,
                new SshShell.Waiting(() -> {}))) {
            assertThat(shell.run("echo in", LIMIT, line -> {}).output()).isEqualTo("in\n");
        }
        assertThat(clients).hasValue(1);
    }

    @Test
    void aConnectionThatBreaksAfterTheGreetingIsMadeAgain() throws Exception {
        server.start();
        SshKnocker.Greeted greeted = greeted(server.getPort());
        greeted.close();

        VirtualTime time = new VirtualTime();
        try (SshShell shell =
                SshShell.connect(greeted, user, host, time, Duration.ofSeconds(60), new SshShell.Waiting(() -> {}))) {
            assertThat(shell.run("echo in", LIMIT, line -> {}).output()).isEqualTo("in\n");
        }
    }

    private static SshKnocker.Greeted greeted(int port) throws IOException, InterruptedException {
        List<InetSocketAddress> servers = List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try (SshKnocker knocker = new SshKnocker()) {
            Optional<SshKnocker.Greeted> greeted = knocker.knock(servers);
            while (greeted.isEmpty()) {
                greeted = knocker.knock(servers);
            }
            return greeted.get();
        }
    }
}
