package org.oz4j.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.DiskException;
import org.oz4j.HypervisorException;
import org.oz4j.ImageFormat;
import org.oz4j.disk.DiskImages;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.MachineState.Kind;
import org.oz4j.spi.MachineHints.DiskBus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What every {@link Hypervisor} does; extend it for one of your own.
 *
 * <p>The machines have an empty disk and no network, so that nothing boots: they go on until somebody stops them.
 */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields in
public abstract class HypervisorContract {
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int LOOKS = 1200;
    private static final String REPLY = "it's 42 & more";

    /** What the guest of {@link #asking} asks. */
    protected static final String QUESTION = "who are you? ";

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    /** Where the machines' files lie. */
    @TempDir
    protected Path folder;

    private Hypervisor hypervisor;

    /** Opens the hypervisor; called once for each test. */
    protected abstract Hypervisor open() throws Exception;

    /** What the test's machines are: by default with 64 MiB, one disk and one serial port. */
    protected MachineSpec spec(String name) throws IOException {
        Path disk = folder.resolve(name + ".dsk");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(4 << 20);
        }
        return MachineSpec.builder(name, Arch.X86_64)
                .memoryMiB(64)
                .disks(List.of(new MachineSpec.Disk(disk, ImageFormat.RAW, DiskBus.VIRTIO, true)))
                .serials(List.of(folder.resolve(name + ".log")))
                .stopOnReboot(true)
                .build();
    }

    /**
     * A machine whose guest asks {@link #QUESTION} on the console, with no end of line, prints {@code hello} and the line
     * that it reads, asks again, and powers off once that was {@code end}; empty where there is none.
     */
    protected Optional<MachineSpec> asking(String name) throws Exception {
        return Optional.empty();
    }

    @BeforeEach
    void openHypervisor() throws Exception {
        hypervisor = open();
    }

    @AfterEach
    void closeHypervisor() {
        hypervisor.close();
    }

    /** A machine that is destroyed when the test ends, whatever happens. */
    private final class Running implements AutoCloseable {
        private final Machine machine;

        Running(MachineSpec spec) throws InterruptedException {
            machine = hypervisor.start(spec);
        }

        @Override
        public void close() {
            machine.destroy();
            machine.close();
        }
    }

    @Test
    void hasAnAddressAndAHost() throws Exception {
        assertThat(hypervisor.uri()).isNotBlank();
        assertThat(hypervisor.host().version()).isNotBlank();
        assertThat(hypervisor.host().virtTypeReason()).isNotBlank();
        assertThat(hypervisor.host().guests()).contains(Arch.X86_64);
    }

    @Test
    void aStartedMachineRunsAndIsWhatWasAskedFor() throws Exception {
        MachineSpec spec = spec("runs");
        try (Running running = new Running(spec)) {
            assertThat(running.machine.name()).isEqualTo("runs");
            assertThat(running.machine.uuid()).isEqualTo(spec.uuid());
            assertThat(running.machine.state().kind()).isEqualTo(Kind.RUNNING);
            assertThat(running.machine.state().stopped()).isFalse();
        }
    }

    @Test
    void awaitTellsThatTheMachineRunsWhenTheTimeIsOver() throws Exception {
        try (Running running = new Running(spec("await"))) {
            assertThat(running.machine.await(MOMENT).kind()).isEqualTo(Kind.RUNNING);
            assertThat(running.machine.await(Duration.ZERO).kind()).isEqualTo(Kind.RUNNING);
        }
    }

    @Test
    void awaitEndsWithAnInterrupt() throws Exception {
        try (Running running = new Running(spec("interrupt"))) {
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> running.machine.await(Duration.ofMinutes(10)))
                        .isInstanceOf(InterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            } finally {
                Thread.interrupted(); // the end of the test must not fail by it too
            }
        }
    }

    @Test
    void aDestroyedMachineHasStoppedAndStaysSo() throws Exception {
        try (Running running = new Running(spec("destroyed"))) {
            running.machine.destroy();
            MachineState state = running.machine.await(Duration.ofMinutes(1));
            assertThat(state.kind()).isEqualTo(Kind.DESTROYED);
            assertThat(running.machine.state().stopped()).isTrue();
            assertThat(running.machine.await(MOMENT).stopped()).isTrue();
        }
    }

    @Test
    void destroyingAMachineThatHasStoppedDoesNothing() throws Exception {
        try (Running running = new Running(spec("twice"))) {
            running.machine.destroy();
            running.machine.destroy();
            assertThat(running.machine.state().stopped()).isTrue();
        }
    }

    @Test
    void findsALivingMachineByItsIdentity() throws Exception {
        MachineSpec spec = spec("found");
        hypervisor.start(spec).close();
        try (Machine found = hypervisor.find(spec.uuid()).orElseThrow()) {
            assertThat(found.name()).isEqualTo("found");
            assertThat(found.uuid()).isEqualTo(spec.uuid());
            found.destroy();
            assertThat(found.await(Duration.ofMinutes(1)).stopped()).isTrue();
        }
        assertThat(hypervisor.find(spec.uuid())).isEmpty();
    }

    @Test
    void findsNoMachineThatNeverWas() throws Exception {
        assertThat(hypervisor.find(UUID.randomUUID())).isEmpty();
    }

    @Test
    void refusesASecondMachineOfTheSameNameAndLeavesTheFirstAlone() throws Exception {
        try (Running running = new Running(spec("same"))) {
            MachineSpec second = spec("same");
            assertThatThrownBy(() -> hypervisor.start(second))
                    .asInstanceOf(InstanceOfAssertFactories.type(HypervisorException.class))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED))
                    .satisfies(e -> assertThat(e).hasMessageContaining("same"));
            assertThat(running.machine.state().kind()).isEqualTo(Kind.RUNNING);
            assertThat(hypervisor.find(second.uuid())).isEmpty();
        }
    }

    @Test
    void aNameIsFreeAgainOnceItsMachineHasStopped() throws Exception {
        MachineSpec spec = spec("again");
        for (int i = 0; i < 2; i++) {
            try (Running running = new Running(spec)) {
                assertThat(running.machine.state().kind()).isEqualTo(Kind.RUNNING);
            }
        }
    }

    @Test
    void describesAMachineWithoutStartingIt() throws Exception {
        MachineSpec spec = spec("described");
        assertThat(hypervisor.describe(spec))
                .contains("described")
                .contains(spec.uuid().toString());
        assertThat(hypervisor.find(spec.uuid())).isEmpty();
    }

    @Test
    void aRunningMachineIsDescribedByItsName() throws Exception {
        try (Running running = new Running(spec("running"))) {
            assertThat(running.machine.description()).contains("running");
        }
    }

    @Test
    void activityNeverGoesBack() throws Exception {
        try (Running running = new Running(spec("active"))) {
            Activity before = running.machine.activity();
            for (int i = 0; i < 3; i++) {
                running.machine.await(MOMENT);
                Activity after = running.machine.activity();
                assertThat(after.cpuNanos()).isGreaterThanOrEqualTo(before.cpuNanos());
                assertThat(after.diskBytes()).isGreaterThanOrEqualTo(before.diskBytes());
                assertThat(after.networkBytes()).isGreaterThanOrEqualTo(before.networkBytes());
                before = after;
            }
            assertThat(before.cpuNanos()).isNotNegative();
        }
    }

    @Test
    void aScreenshotIsAPngImage() throws Exception {
        try (Running running = new Running(spec("screen"))) {
            Optional<byte[]> screenshot = running.machine.screenshot();
            assertThat(screenshot.orElse(PNG)).startsWith(PNG);
        }
    }

    @Test
    void keysCanBeSent() throws Exception {
        try (Running running = new Running(spec("keys"))) {
            running.machine.sendKeys(List.of(28)); // enter
            assertThat(running.machine.state().kind()).isEqualTo(Kind.RUNNING);
        }
    }

    @Test
    void whatIsTypedOnAConsoleArrivesAtTheGuest() throws Exception {
        Path socket = folder.resolve("in");
        Optional<MachineSpec> asks = asking("asks")
                .map(spec -> spec.toBuilder().consoleInput(Optional.of(socket)).build());
        assumeTrue(asks.isPresent(), "needs a guest that asks");
        Path console = asks.get().serials().get(0);
        try (Running running = new Running(asks.get())) {
            awaitEnd(running.machine, console, QUESTION);
            running.machine.type(REPLY + "\r");
            awaitEnd(running.machine, console, "hello " + REPLY + "\n" + QUESTION);
            running.machine.type("end\r"); // by the same connection
            assertThat(running.machine.await(LONG).stopped()).isTrue();
        }
        assertThat(text(console)).contains("\nhello end\n");
        assertThat(socket).doesNotExist();
    }

    @Test
    void aConsoleThatWasMadeWithoutIsNotTypedOn() throws Exception {
        try (Running running = new Running(spec("deaf"))) {
            assertThatThrownBy(() -> running.machine.type("hello\r"))
                    .asInstanceOf(InstanceOfAssertFactories.type(HypervisorException.class))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED))
                    .satisfies(e -> assertThat(e).hasMessageContaining("deaf"));
        }
    }

    @Test
    void aMachineThatHasStoppedIsNotTypedOn() throws Exception {
        MachineSpec spec = spec("gone").toBuilder()
                .consoleInput(Optional.of(folder.resolve("gone.in")))
                .build();
        try (Running running = new Running(spec)) {
            running.machine.destroy();
            assertThatThrownBy(() -> running.machine.type("hello\r"))
                    .asInstanceOf(InstanceOfAssertFactories.type(HypervisorException.class))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.REFUSED));
        }
    }

    /** Waits until the console ends with that. */
    private static void awaitEnd(Machine machine, Path console, String end) throws Exception {
        for (int time = 0; time < LOOKS; time++) {
            if (Files.exists(console) && text(console).endsWith(end)) {
                return;
            }
            assertThat(machine.await(LOOK).kind()).isEqualTo(Kind.RUNNING);
        }
        assertThat(text(console)).endsWith(end);
    }

    private static String text(Path console) throws IOException {
        return Files.readString(console).replace("\r", "");
    }

    @Test
    void anImageIsMadeOfAnOverlayAndWhatItReadsFrom() throws Exception {
        Path image = folder.resolve("image.raw");
        byte[] content = new byte[1 << 20];
        Arrays.fill(content, 100_000, 300_000, (byte) 7);
        Files.write(image, content);
        Path overlay = folder.resolve("overlay.qcow2");
        Path made = folder.resolve("made.raw");

        hypervisor.createOverlay(overlay, image, ImageFormat.RAW);
        hypervisor.convert(overlay, ImageFormat.QCOW2, made, ImageFormat.RAW, "rw-r-----");

        assertThat(DiskImages.formatOf(overlay)).isEqualTo(ImageFormat.QCOW2);
        assertThat(DiskImages.virtualSize(overlay, ImageFormat.QCOW2)).isEqualTo(content.length);
        assertThat(made).hasBinaryContent(content);
        assertThat(Files.getPosixFilePermissions(made)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(image).hasBinaryContent(content);
    }

    @Test
    void noImageIsMadeOfAFileThatIsNone() throws Exception {
        Path none = Files.writeString(folder.resolve("none"), "no image");
        Path overlay = folder.resolve("overlay.qcow2");
        Path made = folder.resolve("made.raw");

        assertThatThrownBy(() -> hypervisor.createOverlay(overlay, none, ImageFormat.QCOW2))
                .isInstanceOf(DiskException.class);
        assertThatThrownBy(() -> hypervisor.convert(none, ImageFormat.QCOW2, made, ImageFormat.RAW, "rw-------"))
                .isInstanceOf(DiskException.class);
        assertThat(overlay).doesNotExist();
        assertThat(made).doesNotExist();
    }

    @Test
    void lettingGoOfAMachineDoesNotStopIt() throws Exception {
        MachineSpec spec = spec("left");
        hypervisor.start(spec).close();
        try (Machine found = hypervisor.find(spec.uuid()).orElseThrow()) {
            assertThat(found.state().kind()).isEqualTo(Kind.RUNNING);
            found.destroy();
        }
    }

    @Test
    void refusesEveryCallAfterItsEnd() throws Exception {
        MachineSpec spec = spec("late");
        hypervisor.close();
        hypervisor.close();
        for (var call : List.<ThrowingCallable>of(
                () -> hypervisor.start(spec),
                () -> hypervisor.find(spec.uuid()),
                () -> hypervisor.describe(spec),
                () -> hypervisor.host())) {
            assertThatThrownBy(call)
                    .asInstanceOf(InstanceOfAssertFactories.type(HypervisorException.class))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(HypervisorException.Kind.CLOSED));
        }
    }
}
