package org.oz4j.testkit.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.testkit.remote.ServedCommand;

/** The ssh server of a guest that takes the keys of its machine's credentials, and answers commands from a list. */
final class SshGuest implements AutoCloseable {
    private static final Pattern ENCODED =
            Pattern.compile("powershell\\.exe [-\\w ]+ -EncodedCommand ([A-Za-z0-9+/=]+)");
    private static final Pattern FILE = Pattern.compile("(?m)^f~ (\\S+) \\S+ \\S+ \\S+ - (\\S+)$");

    /** What a command prints, and its status. */
    record Answer(int status, String output) {}

    private final SshServer server = SshServer.setUpDefaultServer();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, Runnable> hanging = new ConcurrentHashMap<>();
    private final Map<String, Runnable> meanwhile = new ConcurrentHashMap<>();

    private boolean booted;

    /** The public key that lets in, as a line. */
    volatile String allowed = "";

    /** Every command that was run, in order, with what it read. */
    final List<String> commands = new CopyOnWriteArrayList<>();

    SshGuest() {
        // a system without an init that hears of it: the machine is asked then
        answers.put("poweroff", new Answer(1, ""));
        answers.put("shutdown.exe", new Answer(1, ""));
        server.setHost("127.0.0.1");
        server.setCommandFactory((channel, command) -> new Answering(told(command)));
    }

    /** A command as PowerShell reads it, where it is for PowerShell. */
    private static String told(String command) {
        Matcher encoded = ENCODED.matcher(command);
        return encoded.matches()
                ? new String(Base64.getDecoder().decode(encoded.group(1)), StandardCharsets.UTF_16LE)
                : command;
    }

    /** Has commands that hold a text answered so; others say nothing and succeed. */
    SshGuest answers(String part, int status, String output) {
        answers.put(part, new Answer(status, output));
        return this;
    }

    /** Has commands that hold a text never end; the test's own code is run in the meantime. */
    SshGuest hangsIn(String part, Runnable meanwhile) {
        hanging.put(part, meanwhile);
        return this;
    }

    /** Has the test's own code run before commands are answered that hold a text. */
    void meanwhile(String part, Runnable action) {
        meanwhile.put(part, action);
    }

    /** Starts the server, as a boot of that machine does. */
    void boot(MachineSpec machine) {
        try {
            String text = "";
            for (Path file : machine.firmwareFiles().values()) {
                text += Files.readString(file);
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
            boot("root", hostKey, List.of(userKey));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the server, as a boot of an image does that holds such keys. */
    void boot(GuestFilesystem image) {
        boot("root", image, "/etc/oz-access/host_key", "/etc/oz-access/authorized_keys");
    }

    /** The same for Windows. */
    void bootWindows(GuestFilesystem image) {
        try {
            String folder = image.exists("/ProgramData/ssh") ? "/ProgramData/ssh/" : "/ProgramData/SSH/";
            boot("Administrator", image, folder + "ssh_host_ed25519_key", folder + "administrators_authorized_keys");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void boot(String user, GuestFilesystem image, String hostKey, String keys) {
        try {
            boot(
                    user,
                    new String(image.read(hostKey), StandardCharsets.UTF_8),
                    new String(image.read(keys), StandardCharsets.UTF_8).lines().toList());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void boot(String user, String hostKey, List<String> allowed) {
        try {
            this.allowed = String.join("\n", allowed);
            server.setKeyPairProvider(ServedCommand.hostKey(hostKey));
            server.setPublickeyAuthenticator(
                    (name, key, session) -> name.equals(user) && allowed.contains(PublicKeyEntry.toString(key)));
            server.start();
            booted = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether it was booted before; a second boot finds the server running, and must hand it its keys at once. */
    boolean isBooted() {
        return booted;
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }

    private final class Answering extends ServedCommand {
        private final String command;

        Answering(String command) {
            this.command = command;
        }

        @Override
        public void start(ChannelSession channel, Environment environment) {
            Thread thread = new Thread(this::answer, "guest-command");
            thread.setDaemon(true);
            thread.start();
        }

        private void answer() {
            try {
                String read = command.contains("cat >") || command.contains("OpenStandardInput")
                        ? new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        : "";
                commands.add(read.isEmpty() ? command : command + "\n" + read);
                meanwhile.forEach((part, action) -> {
                    if (command.contains(part)) {
                        action.run();
                    }
                });
                Optional<Runnable> ending = hanging.entrySet().stream()
                        .filter(entry -> command.contains(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst();
                if (ending.isPresent()) {
                    ending.get().run();
                    return;
                }
                Answer answer = answers.entrySet().stream()
                        .filter(entry -> command.contains(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(new Answer(0, ""));
                out.write(answer.output().getBytes(StandardCharsets.UTF_8));
                out.flush();
                exit.onExit(answer.status());
            } catch (IOException e) {
                exit.onExit(1);
            }
        }
    }
}
