package org.oz4j.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.oz4j.TimeSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A system daemon of libvirt on a socket of its own, beside the one that writes its guests' logs; to be killed. */
final class Libvirtd implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/sbin/libvirtd");
    private static final Path LOG_PROGRAM = Path.of("/usr/sbin/virtlogd");
    private static final Path LOG_SOCKET = Path.of("/run/libvirt/virtlogd-sock");
    private static final long STARTS_IN = TimeUnit.MINUTES.toNanos(2);

    private final Path folder;
    private final Path socket;
    private final List<Process> others = new ArrayList<>();
    private Process daemon;

    private Libvirtd(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        socket = folder.resolve("libvirt-sock");
        Files.writeString(
                folder.resolve("libvirtd.conf"),
                "unix_sock_dir = \"" + folder + "\"\nunix_sock_rw_perms = \"0700\"\nauth_unix_rw = \"none\"\n");
        Files.deleteIfExists(LOG_SOCKET); // of one that was killed
        others.add(start(
                LOG_PROGRAM.toString(), "-p", folder.resolve("virtlogd.pid").toString()));
        awaitFile(LOG_SOCKET);
        daemon = begin();
    }

    /** Starts one, unless the system has its own, which such a one would be in the way of. */
    static Libvirtd start(Path folder) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(PROGRAM) && Files.isExecutable(LOG_PROGRAM), "needs libvirt-daemon");
        assumeTrue(
                ProcessHandle.allProcesses().noneMatch(each -> each.info()
                        .command()
                        .filter(PROGRAM.toString()::equals)
                        .isPresent()),
                "needs a host where no daemon of libvirt runs");
        return new Libvirtd(Files.createDirectories(folder));
    }

    String uri() {
        return "qemu+unix:///system?socket=" + socket;
    }

    void kill() throws InterruptedException {
        daemon.destroyForcibly().waitFor();
    }

    boolean isAlive() {
        return daemon.isAlive();
    }

    /** Starts it anew, as a service manager does. */
    void restart() throws IOException, InterruptedException {
        kill();
        daemon = begin();
    }

    private Process begin() throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        Process process = start(
                PROGRAM.toString(),
                "-f",
                folder.resolve("libvirtd.conf").toString(),
                "-p",
                folder.resolve("libvirtd.pid").toString());
        awaitFile(socket);
        return process;
    }

    private Process start(String... command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("daemons.log").toFile()))
                .start();
    }

    private void awaitFile(Path file) throws IOException, InterruptedException {
        long end = TimeSource.system().nanoTime() + STARTS_IN;
        while (!Files.exists(file) && TimeSource.system().nanoTime() < end) {
            TimeSource.system().sleep(Duration.ofMillis(100));
        }
        assertThat(file).as(Lab.read(folder.resolve("daemons.log"))).exists();
    }

    @Override
    public void close() throws InterruptedException {
        others.add(daemon);
        for (Process each : others) {
            each.destroy();
            if (!each.waitFor(1, TimeUnit.MINUTES)) {
                each.destroyForcibly().waitFor();
            }
        }
    }
}
