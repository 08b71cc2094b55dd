package org.oz4j.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import org.jspecify.annotations.Nullable;
import org.oz4j.GuestUnreachableException;
import org.oz4j.TimeSource;
import org.oz4j.host.Blocking;

/** Reaches a guest by ssh, as its administrator, with a key of its own, and only if it shows the host key that it must have. */
public final class SshShell implements GuestShell {
    private static final int CONNECT_MILLIS = 60_000;
    private static final Duration SILENCE = Duration.ofMinutes(2);
    private static final int QUESTIONS = 8; // that go unanswered before a server is given up
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration LAST_PAUSE = Duration.ofMillis(5); // once all is printed: the status comes at once
    // what ssh servers offer that know no better keys than RSA's, behind what is better
    private static final Map<String, String> OLD = Map.of(
            "server_host_key", "rsa-sha2-512,rsa-sha2-256",
            "PubkeyAcceptedAlgorithms", "ssh-rsa",
            "kex", "diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1",
            "cipher.s2c", "aes128-cbc,3des-cbc",
            "cipher.c2s", "aes128-cbc,3des-cbc",
            "mac.s2c", "hmac-sha1",
            "mac.c2s", "hmac-sha1");

    private static final Duration LOGIN_PAUSE = Duration.ofSeconds(2);
    private static final int KEPT = 1 << 20;

    private final Session session;
    private final SshLine line;
    private final TimeSource time;
    private final Waiting waiting;
    private final GuestDialect dialect;

    private SshShell(Session session, SshLine line, GuestDialect dialect, TimeSource time, Waiting waiting) {
        this.session = session;
        this.dialect = dialect;
        this.line = line;
        this.time = time;
        this.waiting = waiting;
    }

    /**
     * How a command is waited for.
     *
     * @param silence for how long the server may say nothing at all; it is asked for a sign of life now and then
     * @param check is called a few times a second, on the calling thread; ends the wait where it throws
     */
    public record Waiting(Duration silence, Runnable check) {
        /** With the limit for a real guest, which may be slow. */
        public Waiting(Runnable check) {
            this(SILENCE, check);
        }
    }

    /**
     * Where an ssh server may come to listen.
     *
     * @param host its name or address
     * @param port its port
     * @param key the key to log in with
     * @param hostKey the key that it must show
     * @param dialect how its system is told what to do
     */
    public record Target(String host, int port, SshKey key, SshKey hostKey, GuestDialect dialect) {
        /** Of a POSIX system. */
        public Target(String host, int port, SshKey key, SshKey hostKey) {
            this(host, port, key, hostKey, new PosixDialect());
        }
    }

    /**
     * Logs in on a connection that was greeted. A server that hangs up is tried again: one that has only just come up may be
     * started anew, or keep clients off for seconds that asked before it could answer (PerSourcePenalties of
     * sshd_config(5)).
     *
     * @param patience for how long it is tried again
     * @throws GuestUnreachableException where that fails, or the server shows another host key or takes no key
     */
    public static SshShell connect(
            SshKnocker.Greeted greeted,
            SshKey key,
            SshKey hostKey,
            GuestDialect dialect,
            TimeSource time,
            Duration patience,
            Waiting waiting)
            throws InterruptedException {
        InetSocketAddress server = greeted.server();
        Target target = new Target(server.getAddress().getHostAddress(), server.getPort(), key, hostKey, dialect);
        return connect(target, new SshLine(greeted, time), time, patience, waiting);
    }

    /** The same, to a POSIX system. */
    public static SshShell connect(
            SshKnocker.Greeted greeted, SshKey key, SshKey hostKey, TimeSource time, Duration patience, Waiting waiting)
            throws InterruptedException {
        return connect(greeted, key, hostKey, new PosixDialect(), time, patience, waiting);
    }

    /** The same, where no connection has been made yet. */
    public static SshShell connect(Target target, TimeSource time, Duration patience, Waiting waiting)
            throws InterruptedException {
        return connect(target, new SshLine(CONNECT_MILLIS, time), time, patience, waiting);
    }

    private static SshShell connect(Target target, SshLine first, TimeSource time, Duration patience, Waiting waiting)
            throws InterruptedException {
        long end = time.nanoTime() + patience.toNanos();
        SshLine line = first;
        while (true) {
            try {
                Session session = session(target, line, waiting);
                interruptibly(line, () -> session.connect(CONNECT_MILLIS));
                return new SshShell(session, line, target.dialect(), time, waiting);
            } catch (JSchException e) {
                line.cut();
                String message = String.valueOf(e.getMessage());
                boolean stranger = message.contains("HostKey") || message.contains("Algorithm negotiation");
                if (stranger || message.startsWith("Auth") || time.nanoTime() > end) {
                    throw refused(target, stranger, e);
                }
            }
            time.sleep(LOGIN_PAUSE);
            line = new SshLine(CONNECT_MILLIS, time);
        }
    }

    private interface Call {
        void make() throws JSchException;
    }

    /** JSch forgets interrupts, and waits for minutes. */
    private static void interruptibly(SshLine line, Call call) throws JSchException, InterruptedException {
        try {
            Blocking.interruptibly(
                    () -> {
                        call.make();
                        return line;
                    },
                    line::cut);
        } catch (IOException e) {
            throw e.getCause() instanceof JSchException known ? known : new JSchException(e.toString(), e);
        }
    }

    private static GuestUnreachableException refused(Target target, boolean stranger, JSchException cause) {
        String where = target.host() + ":" + target.port();
        return new GuestUnreachableException(
                stranger
                        ? "The ssh server at " + where + " does not show the host key of the guest"
                        : "Can't log in by ssh at " + where + ": " + cause.getMessage(),
                stranger ? "Something else answers in the guest's place; find out what" : null,
                cause);
    }

    private static Session session(Target target, SshLine line, Waiting waiting) throws JSchException {
        JSch jsch = new JSch();
        jsch.addIdentity(
                "oz",
                target.key().openSshPrivateKey().getBytes(StandardCharsets.US_ASCII),
                target.key().publicLine().getBytes(StandardCharsets.US_ASCII),
                null);
        Session session = jsch.getSession(target.dialect().administrator(), target.host(), target.port());
        String name = target.port() == 22 ? target.host() : "[" + target.host() + "]:" + target.port();
        jsch.getHostKeyRepository().add(new HostKey(name, target.hostKey().publicBlob()), null);
        session.setConfig("StrictHostKeyChecking", "yes");
        session.setConfig("server_host_key", target.hostKey().type());
        if (target.hostKey() instanceof RsaKey) {
            OLD.forEach((setting, more) -> session.setConfig(setting, session.getConfig(setting) + "," + more));
        }
        // JSch tries each way to exchange keys that may not be there, and takes up to half a second for one that is not
        // proposed.
        List<String> proposed = List.of(session.getConfig("kex").split(","));
        session.setConfig(
                "CheckKexes",
                Stream.of(session.getConfig("CheckKexes").split(","))
                        .filter(proposed::contains)
                        .collect(Collectors.joining(",")));
        session.setConfig("PreferredAuthentications", "publickey");
        session.setSocketFactory(line);
        // Who does not answer is given up in run(): JSch itself never does while it can't send the question.
        session.setServerAliveInterval(Math.max(1, (int) (waiting.silence().toMillis() / QUESTIONS)));
        session.setServerAliveCountMax(Integer.MAX_VALUE);
        session.setDaemonThread(true);
        return session;
    }

    @Override
    public GuestDialect dialect() {
        return dialect;
    }

    @Override
    public Result run(String command, Duration limit, Consumer<String> lines) throws InterruptedException {
        return run(command, null, Optional.empty(), limit, lines, () -> {});
    }

    @Override
    public void upload(InputStream content, String path, String mode, Duration limit, LongConsumer sent)
            throws IOException, InterruptedException {
        Moved moved = new Moved(sent);
        InputStream counted = moved.from(content);
        Result result = moved.by(
                () -> run(dialect.write(path, mode), counted, Optional.empty(), limit, line -> {}, moved::tell));
        check(result, path, "written");
    }

    @Override
    public void download(String path, OutputStream target, Duration limit, LongConsumer received)
            throws IOException, InterruptedException {
        Moved moved = new Moved(received);
        OutputStream counted = moved.to(target);
        Result result =
                moved.by(() -> run(dialect.read(path), null, Optional.of(counted), limit, line -> {}, moved::tell));
        check(result, path, "read");
    }

    private static void check(Result result, String path, String what) {
        if (result.status() != 0) {
            throw new GuestUnreachableException(
                    "The file " + path + " can't be " + what + " in the guest: "
                            + result.errors().strip(),
                    null,
                    null);
        }
    }

    private Result run(
            String command,
            @Nullable InputStream input,
            Optional<OutputStream> target,
            Duration limit,
            Consumer<String> lines,
            Runnable tick)
            throws InterruptedException {
        BlockingQueue<Optional<String>> queue = new LinkedBlockingQueue<>();
        Lines output = new Lines(queue);
        Lines errors = new Lines(queue);
        long end = time.nanoTime() + limit.toNanos();
        line.listen();
        boolean whole = false;
        ChannelExec channel = null;
        try {
            channel = (ChannelExec) session.openChannel("exec");
            channel.setCommand(command);
            channel.setInputStream(input);
            channel.setOutputStream(target.orElse(output));
            channel.setErrStream(errors);
            interruptibly(line, connection(channel));
            boolean closed = false;
            Duration pause = PAUSE;
            while (true) {
                Optional<String> told = closed ? queue.poll() : queue.poll(pause.toMillis(), TimeUnit.MILLISECONDS);
                if (told != null && told.isEmpty()) {
                    pause = LAST_PAUSE;
                } else if (told != null) {
                    lines.accept(told.get());
                } else if (closed) {
                    break;
                } else if (channel.isClosed()) {
                    closed = true;
                    output.finish();
                    errors.finish();
                } else if (!session.isConnected()) {
                    throw broken(command);
                } else if (line.silence().compareTo(waiting.silence()) > 0) {
                    throw new GuestUnreachableException(
                            "The guest's ssh server has not answered for "
                                    + waiting.silence().toSeconds() + " s while it ran: " + shown(command),
                            null,
                            null);
                } else if (time.nanoTime() > end) {
                    throw new GuestUnreachableException(
                            "The guest took longer than " + limit.toSeconds() + " s to run: " + shown(command),
                            null,
                            null);
                } else {
                    waiting.check().run();
                    tick.run();
                }
            }
            if (channel.getExitStatus() < 0 && !session.isConnected()) {
                throw broken(command); // it closed its channels on the way out
            }
            whole = true;
            return new Result(channel.getExitStatus(), output.text(), errors.text());
        } catch (JSchException e) {
            throw new GuestUnreachableException(
                    "The guest does not take the command: " + shown(command) + ": " + e.getMessage(), null, e);
        } finally {
            if (!whole) {
                line.cut(); // first, since JSch would say good-bye to who takes nothing any more, and wait for it
            }
            if (channel != null) {
                channel.disconnect();
            }
        }
    }

    private static Call connection(ChannelExec channel) {
        return () -> channel.connect(CONNECT_MILLIS);
    }

    private GuestUnreachableException broken(String command) {
        return new GuestUnreachableException(
                "The ssh connection to the guest broke while it ran: " + shown(command), null, null);
    }

    private String shown(String command) {
        String line = dialect.shown(command).lines().findFirst().orElse("");
        return line.length() <= 100 ? line : line.substring(0, 100) + "...";
    }

    @Override
    public void close() {
        session.disconnect();
    }

    /** Counts bytes on JSch's threads, and tells of them, and of what failed there, on ours. */
    private static final class Moved {
        private final LongConsumer told;
        private final AtomicLong count = new AtomicLong();
        private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
        private long before;

        Moved(LongConsumer told) {
            this.told = told;
        }

        private interface Work {
            Result run() throws InterruptedException;
        }

        Result by(Work work) throws IOException, InterruptedException {
            try {
                Result result = work.run();
                tell();
                return result;
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        void tell() {
            IOException failed = failure.get();
            if (failed != null) {
                throw new UncheckedIOException(failed);
            }
            long now = count.get();
            if (now != before) {
                before = now;
                told.accept(now);
            }
        }

        InputStream from(InputStream source) {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] bytes, int from, int most) throws IOException {
                    try {
                        int read = source.read(bytes, from, most);
                        count.addAndGet(Math.max(0, read));
                        return read;
                    } catch (IOException e) {
                        failure.compareAndSet(null, e);
                        throw e;
                    }
                }
            };
        }

        OutputStream to(OutputStream target) {
            return new OutputStream() {
                @Override
                public void write(int octet) {
                    write(new byte[] {(byte) octet}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int length) {
                    try {
                        if (failure.get() == null) {
                            target.write(bytes, from, length);
                            count.addAndGet(length);
                        }
                    } catch (IOException e) {
                        failure.compareAndSet(null, e);
                    }
                }
            };
        }
    }

    /** Cuts what comes into lines, and keeps its end; queues nothing once no more comes. */
    private static final class Lines extends OutputStream {
        private final BlockingQueue<Optional<String>> queue;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private final StringBuilder kept = new StringBuilder();

        Lines(BlockingQueue<Optional<String>> queue) {
            this.queue = queue;
        }

        @Override
        public synchronized void write(int octet) {
            if (octet == '\n') {
                take("\n");
            } else {
                line.write(octet);
                if (line.size() >= KEPT) {
                    take("");
                }
            }
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int count) {
            for (int i = from; i < from + count; i++) {
                write(bytes[i]);
            }
        }

        private void take(String end) {
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            kept.append(text).append(end);
            if (kept.length() > 2 * KEPT) {
                kept.delete(0, kept.length() - KEPT);
            }
            queue.add(Optional.of(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text));
        }

        /** The server says that no more comes. */
        @Override
        public void close() {
            queue.add(Optional.empty());
        }

        synchronized void finish() {
            if (line.size() > 0) {
                take("");
            }
        }

        synchronized String text() {
            return kept.toString();
        }
    }
}
