package org.oz4j.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.DiskException;
import org.oz4j.ImageFormat;
import org.oz4j.TimeSource;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener.Mode;
import org.oz4j.disk.guestfs.Guestfs;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How libguestfs' machine starts and ends; nothing of it is left after each test. */
@Tag("long") // two minutes of an appliance without KVM: -Doz.it.excluded=none
@SuppressWarnings("NullAway.Init") // JUnit fills the fields in
class GuestfsLaunchIT {
    private static final Attributes PLAIN = new Attributes(0644, 0, 0);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private Path image;
    private Path work;
    private Set<Path> socketsBefore;

    @BeforeEach
    void makeImage() throws Exception {
        image = GuestImage.make(folder);
        work = Files.createDirectory(folder.resolve("work"));
        socketsBefore = sockets();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(work).isEmptyDirectory();
        assertThat(sockets()).isEqualTo(socketsBefore);
        assertThat(machines()).isEmpty();
    }

    /** Where libguestfs has the sockets to its machines (guestfs(3), guestfs_get_sockdir). */
    private static Set<Path> sockets() throws IOException {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        Path base = Path.of(runtime == null ? "/tmp" : runtime);
        try (Stream<Path> all = Files.list(base)) {
            return all.filter(each -> each.getFileName().toString().startsWith("libguestfs"))
                    .collect(Collectors.toSet());
        }
    }

    /** The processes of this host that have the image on their command line. */
    private List<ProcessHandle> machines() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> commandLine(process).contains(work.toString()))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private String sum() throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(image)));
    }

    @Test
    void changesAreInTheImageOnceItIsClosed() throws Exception {
        try (GuestFilesystem files = GuestImage.open(image, ImageFormat.RAW, Mode.READ_WRITE, work)) {
            files.write("/etc/new", "kept".getBytes(StandardCharsets.UTF_8), PLAIN);
            files.close();
            files.close();
            assertThatThrownBy(() -> files.stat("/etc/new"))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining(image.toString());
        }

        Commands.Result read = Commands.run(
                List.of("/usr/sbin/debugfs", "-R", "cat /etc/new", image.toString()), Duration.ofMinutes(1));
        assertThat(read.output()).isEqualTo("kept");
        Commands.Result check =
                Commands.run(List.of("/usr/sbin/e2fsck", "-fn", image.toString()), Duration.ofMinutes(1));
        assertThat(check.status()).as(check.output()).isZero();
    }

    @Test
    void anImageThatIsReadOnlyStaysAsItIs() throws Exception {
        String before = sum();

        try (GuestFilesystem files = GuestImage.open(image, ImageFormat.RAW, Mode.READ_ONLY, work)) {
            assertThat(files.read("/etc/debian_version")).asString().isEqualTo("12.5\n");
            assertThatThrownBy(() -> files.write("/etc/new", new byte[0], PLAIN))
                    .isInstanceOf(DiskException.class);
        }

        assertThat(sum()).isEqualTo(before);
    }

    @Test
    void anInterruptEndsACallAndTheMachineWithIt() throws Exception {
        GuestFilesystem files = GuestImage.open(image, ImageFormat.RAW, Mode.READ_WRITE, work);
        try (files) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> files.walk("/")).isInstanceOf(InterruptedException.class);
            assertThat(machines()).isEmpty();
            assertThatThrownBy(() -> files.stat("/")).isInstanceOf(DiskException.class);
        }
    }

    @Test
    void anInterruptEndsTheLaunchAtOnce() throws Exception {
        CompletableFuture<GuestFilesystem> launch = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                launch.complete(new Guestfs(Optional.empty(), TimeSource.system())
                        .open(image, ImageFormat.RAW, Mode.READ_WRITE, work));
            } catch (Throwable e) {
                launch.completeExceptionally(e);
            }
        });
        thread.start();
        // the machine has begun: its kernel takes many seconds more
        await(() -> launch.isDone()
                || ProcessHandle.current().descendants().anyMatch(process -> commandLine(process)
                        .contains(image.toString())));
        thread.interrupt();

        assertThatThrownBy(() -> launch.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(InterruptedException.class);
        assertThat(ProcessHandle.current().descendants())
                .noneMatch(process -> commandLine(process).contains(image.toString()));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = TimeSource.system().nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(TimeSource.system().nanoTime()).as("waited too long").isLessThan(end);
            TimeSource.system().sleep(Duration.ofMillis(50));
        }
    }

    @Test
    void whatIsNoImageIsRefusedWithTheReason() throws Exception {
        Path broken = Files.write(folder.resolve("broken.qcow2"), new byte[100_000]);

        assertThatThrownBy(() -> GuestImage.open(broken, ImageFormat.QCOW2, Mode.READ_ONLY, work))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(broken.toString())
                .hasMessageContaining("qcow2 format");
        assertThatThrownBy(() -> GuestImage.open(broken, ImageFormat.QCOW2, Mode.READ_WRITE, work))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(broken.toString())
                .hasMessageContaining("qcow2 format");
        assertThatThrownBy(() -> GuestImage.open(folder.resolve("none"), ImageFormat.RAW, Mode.READ_ONLY, work))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("none");
    }
}
