package org.oz4j.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jspecify.annotations.Nullable;
import org.oz4j.disk.FileType;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.remote.Ed25519Key;
import org.oz4j.testkit.FaultPlan.Kind;

/**
 * The installed system of a guest, with a real ssh server on this host's loopback: files in memory, a small shell, and
 * programs that a test writes, as package managers ({@link FakePackages}).
 *
 * <pre>{@code
 * try (FakeSystem system = FakeSystem.create().packages(FakePackages.apt().offers("hello", "2.10"))) {
 *     FakeHypervisor hypervisor = FakeHypervisor.kvm();
 *     hypervisor.guest(system.guest(hypervisor));
 *     ...
 * }
 * }</pre>
 *
 * <p>It lets in who has the keys that its machine hands over as systemd's credentials, by NoCloud or in the image's files,
 * and only once it has booted. Safe for use by many threads.
 */
public final class FakeSystem implements AutoCloseable {
    /** A program of the system. */
    @FunctionalInterface
    public interface Program {
        /** Runs it; gives its exit status. */
        int run(Call call) throws InterruptedException;
    }

    /** One call of a program. */
    public static final class Call {
        private final List<String> arguments;
        private final Map<String, String> environment;
        private final byte[] input;
        private final OutputStream output;
        private final OutputStream errors;
        private final Consumer<String> perLine;

        private Call(
                List<String> arguments,
                Map<String, String> environment,
                byte[] input,
                OutputStream output,
                OutputStream errors,
                Consumer<String> perLine) {
            this.arguments = arguments;
            this.environment = environment;
            this.input = input;
            this.output = output;
            this.errors = errors;
            this.perLine = perLine;
        }

        /** The words behind its name. */
        public List<String> arguments() {
            return arguments;
        }

        /** The variables that were set for it. */
        public Map<String, String> environment() {
            return environment;
        }

        /** What it can read. */
        public byte[] input() {
            return input.clone();
        }

        /** Prints a line. */
        public void prints(String line) {
            perLine.accept(line);
            write(output, (line + "\n").getBytes(StandardCharsets.UTF_8));
        }

        /** Prints a line to its standard error. */
        public void complains(String line) {
            perLine.accept(line);
            write(errors, (line + "\n").getBytes(StandardCharsets.UTF_8));
        }

        void copies(byte[] bytes) {
            write(output, bytes);
        }

        Call with(List<String> words, Map<String, String> variables) {
            return new Call(List.copyOf(words), Map.copyOf(variables), input, output, errors, perLine);
        }

        Call collecting() {
            return new Call(arguments, environment, input, new ByteArrayOutputStream(), errors, perLine);
        }

        byte[] collected() {
            return ((ByteArrayOutputStream) output).toByteArray();
        }

        private static void write(OutputStream stream, byte[] bytes) {
            try {
                stream.write(bytes);
                stream.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // who reads it is gone
            }
        }
    }

    /** Answers commands in place of the shell. */
    @FunctionalInterface
    interface Answers {
        /**
         * Answers one; gives its exit status.
         *
         * @throws Dropped where the connection breaks
         */
        int answer(String command, InputStream input, OutputStream output, OutputStream errors) throws IOException;
    }

    /** The connection breaks. */
    static final class Dropped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final Pattern FILE = Pattern.compile("(?m)^f~ (\\S+) \\S+ \\S+ \\S+ - (\\S+)$");
    private static final Pattern CLOUD_KEY = Pattern.compile("ssh_authorized_keys:\n  - ([^\n]+)");
    private static final Pattern CLOUD_HOST_KEY = Pattern.compile("ed25519_private: \\|\n((?:    [^\n]+\n)+)");
    private static final Pattern MADE_UP = Pattern.compile("[0-9a-f]{32}");
    private static final Set<Kind> KINDS = EnumSet.allOf(Kind.class);
    private static final int SHOWN = 60;
    private static final Duration BOOT = Duration.ofSeconds(8);

    private final FakeGuestFilesystem files;
    private final Map<String, Program> programs = new ConcurrentHashMap<>();
    private final Map<String, Integer> drops = new ConcurrentHashMap<>();
    private final Map<String, Runnable> hanging = new ConcurrentHashMap<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private @Nullable SshServer server;
    private volatile Consumer<String> perLine = line -> {};
    private volatile FaultPlan plan = FaultPlan.nothing();
    private volatile @Nullable String stranger;
    private volatile @Nullable Answers answers;

    private FakeSystem(FakeGuestFilesystem files) {
        this.files = files;
        programs.putAll(FakeShell.basics(this));
    }

    /** A system with no files but the usual folders. */
    public static FakeSystem create() {
        return of(FakeGuestFilesystem.empty());
    }

    /** A system on those files, which gets the usual folders. */
    public static FakeSystem of(FakeGuestFilesystem files) {
        FakeSystem system = new FakeSystem(files.reopen());
        try {
            for (String folder : List.of("/etc", "/root", "/tmp", "/usr/bin", "/var/lib")) {
                system.makeFolders(folder);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return system;
    }

    /** What is on its disk; a visit's image opener may hand out the same. */
    public FakeGuestFilesystem files() {
        return files.reopen();
    }

    /** Adds a program, in place of one of that name. */
    public FakeSystem program(String name, Program program) {
        programs.put(name, program);
        return this;
    }

    /** Gives it a package manager. */
    public FakeSystem packages(FakePackages packages) {
        try {
            packages.installInto(this);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    /** Has a program take that much virtual time for each line that it prints. */
    public FakeSystem slow(VirtualTime time, Duration perPrintedLine) {
        perLine = line -> time.advance(perPrintedLine);
        return this;
    }

    /** Breaks the connection at each command that holds a text, before it is done. */
    public FakeSystem dropsIn(String part) {
        return dropsIn(part, Integer.MAX_VALUE);
    }

    /** The same for the next so many times. */
    public FakeSystem dropsIn(String part, int times) {
        drops.put(part, times);
        return this;
    }

    /** Has commands that hold a text never end; the test's own code is run in the meantime. */
    public FakeSystem hangsIn(String part, Runnable meanwhile) {
        hanging.put(part, meanwhile);
        return this;
    }

    /** Has the ssh server show a key of its own from the next boot on, as where another machine answers. */
    public FakeSystem withAnotherHostKey() {
        stranger = Ed25519Key.generate().openSshPrivateKey();
        return this;
    }

    void answering(Answers given) {
        answers = given;
    }

    void faults(FaultPlan faulty) {
        plan = faulty;
    }

    /** Every command that was run, in order, with what it read. */
    public List<String> commands() {
        return List.copyOf(commands);
    }

    /** A guest that boots this system in 8 seconds of virtual time, and is reached through that hypervisor. */
    public FakeGuest guest(FakeHypervisor hypervisor) {
        return machine -> {
            switchOff();
            return GuestScript.start()
                    .after(BOOT)
                    .runs(() -> hypervisor.forwards(22, boot(machine.spec())))
                    .worksFor(Duration.ofHours(4));
        };
    }

    /**
     * Boots on that machine, with the keys of its credentials, of its NoCloud volume, or else of its files; gives the port where
     * its ssh server listens.
     */
    public int boot(MachineSpec machine) {
        if (machine.firmwareFiles().isEmpty()) {
            FakeGuestContext given = new FakeGuestContext(machine, 1);
            Optional<String> hostKey = given.find(CLOUD_HOST_KEY);
            return hostKey.isPresent()
                    ? boot(hostKey.get().replace("    ", ""), given.token(CLOUD_KEY))
                    : boot(files());
        }
        try {
            StringBuilder text = new StringBuilder();
            for (Path file : machine.firmwareFiles().values()) {
                text.append(Files.readString(file));
            }
            String hostKey = "";
            String userKey = "";
            for (Matcher file = FILE.matcher(text); file.find(); ) {
                String content = new String(Base64.getDecoder().decode(file.group(2)), StandardCharsets.UTF_8);
                if (file.group(1).endsWith("host_key")) {
                    hostKey = content;
                } else if (file.group(1).endsWith("authorized_keys")) {
                    userKey = content.strip();
                }
            }
            return boot(hostKey, userKey);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Boots an image that holds such keys. */
    public int boot(GuestFilesystem image) {
        try {
            return boot(
                    new String(image.read("/etc/oz-access/host_key"), StandardCharsets.UTF_8),
                    new String(image.read("/etc/oz-access/authorized_keys"), StandardCharsets.UTF_8).strip());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized int boot(String hostKey, String allowed) {
        try {
            switchOff();
            SshServer fresh = SshServer.setUpDefaultServer();
            fresh.setHost("127.0.0.1");
            String other = stranger;
            fresh.setKeyPairProvider(hostKey(other == null ? hostKey : other));
            fresh.setPublickeyAuthenticator((name, key, session) -> {
                boolean known =
                        name.equals("root") && PublicKeyEntry.toString(key).equals(allowed);
                return known && plan.pass("ssh login", KINDS).isEmpty();
            });
            fresh.addSessionListener(new SessionListener() {
                @Override
                public void sessionCreated(Session session) {
                    if (plan.pass("ssh connect", KINDS).isPresent()) {
                        session.close(true);
                    }
                }
            });
            // all others cost a guest of a test tenths of a second
            fresh.setKeyExchangeFactories(NamedFactory.setUpTransformedFactories(
                    false, List.of(BuiltinDHFactories.curve25519), ServerBuilder.DH2KEX));
            fresh.setCommandFactory((channel, command) -> new Served(command));
            fresh.start();
            server = fresh;
            return fresh.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPairProvider hostKey(String openSsh) throws IOException, GeneralSecurityException {
        return KeyPairProvider.wrap(SecurityUtils.loadKeyPairIdentities(
                null, () -> "host", new ByteArrayInputStream(openSsh.getBytes(StandardCharsets.US_ASCII)), null));
    }

    /** Ends the ssh server, as a machine that starts has none yet. */
    synchronized void switchOff() throws IOException {
        if (server != null) {
            server.stop(true);
            server = null;
        }
    }

    /** Switches it off. */
    @Override
    public void close() throws IOException {
        switchOff();
    }

    /** Runs a command as its shell does, without ssh; gives its status. */
    public int run(String command, OutputStream output, OutputStream errors) throws InterruptedException {
        return run(command, new byte[0], output, errors);
    }

    private int run(String command, byte[] input, OutputStream output, OutputStream errors)
            throws InterruptedException {
        commands.add(input.length == 0 ? command : command + "\n" + new String(input, StandardCharsets.UTF_8));
        return new FakeShell(this)
                .run(command, new Call(List.of(), Map.of(), input, output, errors, line -> perLine.accept(line)));
    }

    Optional<Program> program(String name) {
        return Optional.ofNullable(programs.get(name.substring(name.lastIndexOf('/') + 1)));
    }

    /** Makes a folder in its files, with those above it. */
    public void makeFolders(String path) throws InterruptedException {
        if (!path.equals("/") && !files.exists(path)) {
            makeFolders(GuestFilesystem.parent(path));
            files.mkdir(path, FakeShell.plain(0755));
        }
    }

    void write(String path, byte[] before, byte[] more) throws InterruptedException {
        byte[] all = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, all, before.length, more.length);
        files.write(path, all, FakeShell.plain(0644));
    }

    /** Deletes a file, or a folder with all that is in it. */
    void delete(String path) throws InterruptedException {
        if (files.exists(path)) {
            if (files.stat(path).filter(stat -> stat.type() == FileType.FOLDER).isPresent()) {
                for (String name : files.list(path)) {
                    delete(GuestFilesystem.child(path, name));
                }
            }
            files.remove(path);
        }
    }

    /** One command of a client. */
    private final class Served implements Command {
        private final String command;
        private InputStream in = InputStream.nullInputStream();
        private OutputStream out = OutputStream.nullOutputStream();
        private OutputStream err = OutputStream.nullOutputStream();
        private ExitCallback exit = (status, message, close) -> {};

        Served(String command) {
            this.command = command;
        }

        @Override
        public void setInputStream(InputStream given) {
            in = given;
        }

        @Override
        public void setOutputStream(OutputStream given) {
            out = given;
        }

        @Override
        public void setErrorStream(OutputStream given) {
            err = given;
        }

        @Override
        public void setExitCallback(ExitCallback given) {
            exit = given;
        }

        @Override
        public void start(ChannelSession channel, Environment environment) {
            ThreadFactory threads = task -> new Thread(task, "fake-system");
            Thread thread = threads.newThread(() -> serve(channel));
            thread.setDaemon(true);
            thread.start();
        }

        private void serve(ChannelSession channel) {
            try {
                Answers given = answers;
                if (given != null) {
                    exit.onExit(given.answer(command, in, out, err));
                    return;
                }
                Optional<Runnable> meanwhile = matching(hanging);
                if (meanwhile.isPresent()) {
                    commands.add(command);
                    meanwhile.get().run();
                    return;
                }
                byte[] input = command.contains("cat >") ? in.readAllBytes() : new byte[0];
                Optional<Kind> fault = plan.pass("ssh run " + seam(), KINDS);
                if (fault.isPresent() && fault.get() == Kind.FAILS) {
                    err.write("sh: a fault that the test wants\n".getBytes(StandardCharsets.UTF_8));
                    err.flush();
                    exit.onExit(1);
                    return;
                }
                drop();
                int status;
                synchronized (FakeSystem.this) {
                    status = run(command, input, out, err);
                }
                if (fault.isPresent()) {
                    throw new Dropped(); // done, and nobody hears of it
                }
                exit.onExit(status);
            } catch (IOException | UncheckedIOException e) {
                exit.onExit(1); // the client is gone
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Dropped e) {
                channel.getSession().close(true);
            }
        }

        private String seam() {
            String line =
                    MADE_UP.matcher(command.lines().findFirst().orElse("")).replaceAll("*");
            return line.substring(0, Math.min(line.length(), SHOWN));
        }

        private <T> Optional<T> matching(Map<String, T> map) {
            return map.entrySet().stream()
                    .filter(entry -> command.contains(entry.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst();
        }

        private void drop() {
            for (String part : new ArrayList<>(drops.keySet())) {
                if (command.contains(part)) {
                    drops.computeIfPresent(part, (any, times) -> times == 1 ? null : times - 1);
                    throw new Dropped();
                }
            }
        }

        @Override
        public void destroy(ChannelSession channel) {}
    }
}
