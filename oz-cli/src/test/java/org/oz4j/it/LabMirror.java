package org.oz4j.it;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.oz4j.TimeSource;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The lab's Debian mirror on loopback: files of a folder, and all else from the mirror that apt uses. */
final class LabMirror implements AutoCloseable {
    private final Process server;
    private final int port;

    private LabMirror(Process server, int port) {
        this.server = server;
        this.port = port;
    }

    /** The lab's folder; skips where there is none. */
    static Path lab() {
        String lab = System.getProperty("oz.lab", "");
        assumeTrue(
                !lab.isEmpty() && Files.exists(Path.of(lab, "serve")),
                "needs the lab's Debian mirror: -Doz.lab=FOLDER of it");
        return Path.of(lab);
    }

    /**
     * Serves a folder.
     *
     * @param tree what it has itself
     * @param work gets its log, and what it fetched
     */
    static LabMirror serve(Path tree, Path work) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Files.createDirectories(work.resolve("cache"));
        Process server = new ProcessBuilder(
                        lab().resolve("serve").toString(),
                        tree.toString(),
                        work.resolve("cache").toString(),
                        Integer.toString(port),
                        work.resolve("mirror.log").toString())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("serve.log").toFile())
                .start();
        LabMirror mirror = new LabMirror(server, port);
        mirror.awaitAnswer();
        return mirror;
    }

    private void awaitAnswer() throws Exception {
        TimeSource time = TimeSource.system();
        for (int tries = 0; tries < 300 && server.isAlive(); tries++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException notYet) {
                time.sleep(Duration.ofSeconds(1)); // where much else runs, it takes its time
            }
        }
        server.destroy();
        throw new IOException("the lab's mirror does not answer");
    }

    int port() {
        return port;
    }

    /** Its address, with no slash at the end. */
    String url() {
        return "http://127.0.0.1:" + port + "/debian";
    }

    /** Runs the script {@code debian-media}, which lies beside this class. */
    static void makeMedium(Path work, Object... arguments) throws Exception {
        Path script = work.resolve("debian-media");
        try (InputStream source = LabMirror.class.getResourceAsStream("debian-media")) {
            Files.write(script, source.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of("bash", script.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Commands.Result made = Commands.run(command, Duration.ofMinutes(15));
        assertThat(made.status()).as(command + "\n" + made.errors()).isZero();
    }

    @Override
    public void close() {
        server.destroy();
    }
}
