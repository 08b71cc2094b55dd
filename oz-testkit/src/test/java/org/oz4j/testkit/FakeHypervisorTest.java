package org.oz4j.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.oz4j.Arch;
import org.oz4j.DiskException;
import org.oz4j.Firmware;
import org.oz4j.HypervisorException;
import org.oz4j.ImageFormat;
import org.oz4j.disk.DiskImages;
import org.oz4j.host.Commands;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState.Kind;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.testkit.FakeHypervisor.Call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@SuppressWarnings("NullAway.Init") // JUnit fills the folder in
class FakeHypervisorTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private final FakeHypervisor hypervisor = FakeHypervisor.tcg();

    @TempDir
    private Path folder;

    private MachineSpec spec(String name) throws IOException {
        return spec(name, Firmware.BIOS, true);
    }

    private MachineSpec spec(String name, Firmware firmware, boolean stopOnReboot) throws IOException {
        Files.writeString(folder.resolve("kernel"), "kernel");
        Files.write(folder.resolve("initrd"), initrd());
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve("disk").toFile(), "rw")) {
            file.setLength(8 << 20);
        }
        return MachineSpec.builder(name, Arch.X86_64)
                .memoryMiB(512)
                .firmware(firmware)
                .boot(new MachineSpec.Boot.Kernel(folder.resolve("kernel"), folder.resolve("initrd"), "console=ttyS0"))
                .disks(List.of(new MachineSpec.Disk(folder.resolve("disk"), ImageFormat.RAW, DiskBus.VIRTIO, true)))
                .serials(List.of(folder.resolve("console"), folder.resolve("second")))
                .virtioPorts(List.of(new MachineSpec.VirtioPort("oz", folder.resolve("virtio"))))
                .stopOnReboot(stopOnReboot)
                .build();
    }

    /** As the engine makes them: the vendor's archive, padding, and another archive with the answers. */
    private static byte[] initrd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write("vendor's own".getBytes(StandardCharsets.UTF_8));
        all.write(new byte[16]);
        try (GZIPOutputStream member = new GZIPOutputStream(all)) {
            member.write("d-i late_command echo oz-success-1234 > /dev/ttyS1".getBytes(StandardCharsets.UTF_8));
        }
        all.write(new byte[16]);
        return all.toByteArray();
    }

    @Test
    void playsAnInstallOfTwentyMinutesAtOnce() throws Exception {
        hypervisor.guest(machine -> GuestScript.start()
                .after(Duration.ofSeconds(3))
                .prints("Loading components\n")
                .worksFor(Duration.ofMinutes(20))
                .installs()
                .says(1, machine.token(Pattern.compile("oz-success-\\d+")))
                .saysVirtio("oz", "done")
                .powersOff());
        try (Machine machine = hypervisor.start(spec("debian"))) {
            assertThat(machine.await(Duration.ofMinutes(10)).kind()).isEqualTo(Kind.RUNNING);
            assertThat(machine.activity().diskBytes()).isPositive();
            assertThat(machine.await(HOUR).kind()).isEqualTo(Kind.POWERED_OFF);
        }
        assertThat(hypervisor.time().elapsed()).isEqualTo(Duration.ofSeconds(20 * 60 + 3));
        assertThat(folder.resolve("console")).hasContent("Loading components\n");
        assertThat(folder.resolve("second")).hasContent("oz-success-1234");
        assertThat(folder.resolve("virtio")).hasContent("done");
        FakeHypervisorAssert.assertThat(hypervisor).started("debian").hasNoRunningMachines();
        assertThat(hypervisor.timeline())
                .contains("0:00:03.000 debian says on serial port 0: Loading components")
                .contains("0:20:03.000 debian is POWERED_OFF");
    }

    @ParameterizedTest
    @EnumSource(Firmware.class)
    void leavesADiskThatLooksInstalled(Firmware firmware) throws Exception {
        hypervisor.guest(machine -> GuestScript.start().installs().powersOff());
        try (Machine machine = hypervisor.start(spec("os", firmware, true))) {
            assertThat(machine.await(HOUR).detail()).isEqualTo("shutdown");
        }
        ByteBuffer disk =
                ByteBuffer.wrap(Files.readAllBytes(folder.resolve("disk"))).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(disk.getShort(510)).isEqualTo((short) 0xaa55);
        int root = firmware == Firmware.BIOS ? disk.getInt(454) : (int) disk.getLong(1024 + 128 + 32);
        assertThat(disk.getShort(root * 512 + 1024 + 56)).isEqualTo((short) 0xef53);
        assertThat(disk.get(450)).isEqualTo((byte) (firmware == Firmware.BIOS ? 0x83 : 0xee));
    }

    @Test
    @Needs("qemu-img")
    void writesQcow2ImagesThatQemuReads() throws Exception {
        Path image = folder.resolve("disk.qcow2");
        qemuImg("create", "-q", "-f", "qcow2", image.toString(), "3G");
        FakeImage fake = new FakeImage(image, ImageFormat.QCOW2);
        assertThat(fake.virtualSize()).isEqualTo(3L << 30);
        fake.install(Firmware.BIOS);
        byte[] across = new byte[200_000];
        Arrays.fill(across, (byte) 7);
        fake.write((2L << 30) + 65_000, across);
        qemuImg("check", "-q", image.toString());
        Path raw = folder.resolve("disk.raw");
        qemuImg("convert", "-O", "raw", image.toString(), raw.toString());
        try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "r")) {
            file.seek(510);
            assertThat(file.readUnsignedShort()).isEqualTo(0x55aa);
            file.seek(2048 * 512 + 1024 + 56);
            assertThat(file.readUnsignedShort()).isEqualTo(0x53ef);
            byte[] back = new byte[across.length];
            file.seek((2L << 30) + 65_000);
            file.readFully(back);
            assertThat(back).isEqualTo(across);
        }
    }

    private static final int CLUSTER = 1 << 16;

    /** Two overlays, one upon the other, with what is written to each: across clusters and within one. */
    private Path overlays(ImageFormat format) throws Exception {
        Path base = folder.resolve("base." + format.label());
        DiskImages.create(base, format, 40 * CLUSTER + 512, "rw-r--r--");
        new FakeImage(base, format).write(0, filled(4 * CLUSTER, 1));
        Path first = folder.resolve("first.qcow2");
        hypervisor.createOverlay(first, base, format);
        new FakeImage(first, ImageFormat.QCOW2).write(CLUSTER + 100, filled(2 * CLUSTER, 2));
        Path second = folder.resolve("second.qcow2");
        hypervisor.createOverlay(second, first, ImageFormat.QCOW2);
        new FakeImage(second, ImageFormat.QCOW2).write(2 * CLUSTER + 7, filled(9, 3));
        new FakeImage(second, ImageFormat.QCOW2).write(40 * CLUSTER + 500, filled(12, 4));
        return second;
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** What is to be read through both. */
    private static byte[] expected() {
        byte[] disk = new byte[40 * CLUSTER + 512];
        Arrays.fill(disk, 0, 4 * CLUSTER, (byte) 1);
        Arrays.fill(disk, CLUSTER + 100, 3 * CLUSTER + 100, (byte) 2);
        Arrays.fill(disk, 2 * CLUSTER + 7, 2 * CLUSTER + 16, (byte) 3);
        Arrays.fill(disk, 40 * CLUSTER + 500, 40 * CLUSTER + 512, (byte) 4);
        return disk;
    }

    @Test
    void anImageIsMadeOfOverlaysWithoutAnyProgram() throws Exception {
        Path overlay = overlays(ImageFormat.RAW);
        byte[] base = Files.readAllBytes(folder.resolve("base.raw"));
        Path made = folder.resolve("made.raw");

        hypervisor.convert(overlay, ImageFormat.QCOW2, made, ImageFormat.RAW, "rw-r-----");

        assertThat(made).hasBinaryContent(expected());
        assertThat(Files.getPosixFilePermissions(made)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(folder.resolve("base.raw")).hasBinaryContent(base);
    }

    @ParameterizedTest
    @EnumSource(names = {"RAW", "QCOW2"})
    @Needs("qemu-img")
    void qemuReadsTheSameOfOverlaysAndOfWhatIsMadeOfThem(ImageFormat format) throws Exception {
        Path overlay = overlays(format);
        Path made = folder.resolve("made." + format.label());

        hypervisor.convert(overlay, ImageFormat.QCOW2, made, format, "rw-------");

        Path byQemu = folder.resolve("by-qemu");
        qemuImg("convert", "-f", "qcow2", "-O", "raw", overlay.toString(), byQemu.toString());
        assertThat(byQemu).hasBinaryContent(expected());
        Path alone = folder.resolve("alone");
        qemuImg("convert", "-f", format.label(), "-O", "raw", made.toString(), alone.toString());
        assertThat(alone).hasBinaryContent(expected());
        qemuImg("check", "-q", overlay.toString());
        if (format == ImageFormat.QCOW2) {
            qemuImg("check", "-q", made.toString());
        }
    }

    @Test
    @Needs("qemu-img")
    void imagesOfOtherFormatsAreQemus() throws Exception {
        Path base = folder.resolve("base.raw");
        DiskImages.create(base, ImageFormat.RAW, 4 * CLUSTER, "rw-r--r--");
        Path vmdk = folder.resolve("made.vmdk");

        hypervisor.convert(base, ImageFormat.RAW, vmdk, ImageFormat.VMDK, "rw-------");
        hypervisor.createOverlay(folder.resolve("overlay"), vmdk, ImageFormat.VMDK);

        assertThat(DiskImages.formatOf(vmdk)).isEqualTo(ImageFormat.VMDK);
        assertThat(DiskImages.virtualSize(folder.resolve("overlay"), ImageFormat.QCOW2))
                .isEqualTo(4 * CLUSTER);
    }

    @Test
    void makingImagesFailsWhereItIsMadeTo() throws Exception {
        DiskException full = new DiskException(folder, "no space left", null, null);
        hypervisor.failing(FakeHypervisor.Call.CREATE_OVERLAY, full).failing(FakeHypervisor.Call.CONVERT, full);

        assertThatThrownBy(() -> hypervisor.createOverlay(folder.resolve("x"), folder, ImageFormat.RAW))
                .isSameAs(full);
        assertThatThrownBy(() ->
                        hypervisor.convert(folder, ImageFormat.RAW, folder.resolve("x"), ImageFormat.RAW, "rw-------"))
                .isSameAs(full);
    }

    private static void qemuImg(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        command.addAll(List.of(arguments));
        Commands.Result result = Commands.run(command, Duration.ofSeconds(30));
        assertThat(result.status()).as(result.errors()).isZero();
    }

    @Test
    void aRebootStopsTheMachineOnlyWhereItIsMadeSo() throws Exception {
        hypervisor.guest(machine -> GuestScript.start().reboots().after(HOUR).powersOff());
        MachineSpec stays = spec("stays", Firmware.BIOS, false);
        try (Machine stopped = hypervisor.start(spec("stops"));
                Machine goesOn = hypervisor.start(stays)) {
            assertThat(stopped.await(HOUR).detail()).isEqualTo("reboot");
            assertThat(goesOn.await(Duration.ofMinutes(59)).kind()).isEqualTo(Kind.RUNNING);
            assertThat(goesOn.await(HOUR).detail()).isEqualTo("shutdown");
        }
    }

    @Test
    void aSnapshotHasTheMachineWriteToANewFile() throws Exception {
        MachineSpec spec = spec("snapshot");
        Path disk = spec.disks().get(0).path();
        Path first = disk.resolveSibling("first.qcow2");
        Path second = disk.resolveSibling("second.qcow2");
        try (Machine machine = hypervisor.start(spec)) {
            machine.snapshot(disk, first);
            assertThat(DiskImages.formatOf(first)).isEqualTo(ImageFormat.QCOW2);
            assertThatThrownBy(() -> machine.snapshot(disk, second))
                    .isInstanceOfSatisfying(HypervisorException.class, e -> assertThat(e.kind())
                            .isEqualTo(HypervisorException.Kind.REFUSED));
            machine.snapshot(first, second);
            machine.destroy();
            assertThatThrownBy(() -> machine.snapshot(second, disk.resolveSibling("third.qcow2")))
                    .isInstanceOf(HypervisorException.class);
        }
    }

    @Test
    void powersOffWhenAskedUnlessItHangs() throws Exception {
        hypervisor.guest(machine ->
                machine.boot() == 1 ? GuestScript.start() : GuestScript.start().panics());
        MachineSpec spec = spec("guest");
        try (Machine machine = hypervisor.start(spec)) {
            machine.requestShutdown();
            assertThat(machine.await(HOUR).kind()).isEqualTo(Kind.POWERED_OFF);
        }
        try (Machine machine = hypervisor.start(spec)) {
            machine.await(Duration.ofSeconds(1));
            machine.requestShutdown();
            assertThat(machine.await(HOUR).kind()).isEqualTo(Kind.RUNNING);
            assertThat(folder.resolve("console")).content().contains("Kernel panic");
            machine.destroy();
        }
    }

    @Test
    void fillsTheDiskCrashesAndVanishes() throws Exception {
        hypervisor.guest(machine -> switch (machine.boot()) {
            case 1 -> GuestScript.start().fillsTheDisk();
            case 2 -> GuestScript.start().crashes();
            default -> GuestScript.start().vanishes();
        });
        MachineSpec spec = spec("guest");
        for (Kind kind : List.of(Kind.PAUSED, Kind.CRASHED, Kind.DESTROYED)) {
            try (Machine machine = hypervisor.start(spec)) {
                assertThat(machine.await(HOUR).kind()).isEqualTo(kind);
                machine.destroy();
            }
        }
        FakeHypervisorAssert.assertThat(hypervisor).hasNoRunningMachines();
    }

    @Test
    void anActionInMidInstallInterruptsTheWait() throws Exception {
        Thread self = Thread.currentThread();
        hypervisor.at(Duration.ofMinutes(5), self::interrupt);
        try (Machine machine = hypervisor.start(spec("guest"))) {
            assertThatThrownBy(() -> machine.await(HOUR)).isInstanceOf(InterruptedException.class);
            machine.destroy();
        }
        assertThat(hypervisor.time().elapsed()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void failsWhereItIsTold() throws Exception {
        IllegalStateException failure = new IllegalStateException("as told");
        hypervisor.failingOnce(Call.START, failure).failing(Call.SCREENSHOT, failure);
        MachineSpec spec = spec("guest");
        assertThatThrownBy(() -> hypervisor.start(spec)).isSameAs(failure);
        try (Machine machine = hypervisor.start(spec)) {
            assertThatThrownBy(machine::screenshot).isSameAs(failure);
            assertThatThrownBy(machine::screenshot).isSameAs(failure);
            hypervisor.mend(Call.SCREENSHOT);
            assertThat(machine.screenshot()).isPresent();
        }
        assertThat(hypervisor.timeline()).contains("! START fails").contains("as told");
    }

    @Test
    void aSlowHostTakesTenTimesAsLong() throws Exception {
        FakeHypervisor slow = FakeHypervisor.slow()
                .guest(machine ->
                        GuestScript.start().worksFor(Duration.ofMinutes(6)).powersOff());

        try (Machine machine = slow.start(spec("slow"))) {
            assertThat(machine.await(Duration.ofMinutes(59)).kind()).isEqualTo(Kind.RUNNING);
            assertThat(machine.await(Duration.ofMinutes(2)).kind()).isEqualTo(Kind.POWERED_OFF);
        }
        assertThat(slow.time().elapsed()).isEqualTo(HOUR);
    }

    @Test
    void aMachineIsAssertedOnWithWhatHappenedInTheFailure() throws Exception {
        hypervisor.guest(machine -> GuestScript.start().prints("Welcome\n").powersOff());
        hypervisor.start(spec("fedora-44")).await(HOUR);

        FakeHypervisorAssert.assertThat(hypervisor)
                .startedMachine("fedora-44")
                .withDisk("disk", ImageFormat.RAW)
                .withMemory(512)
                .withCpus(1)
                .printed("Welcome")
                .thenPoweredOff();
        assertThatThrownBy(() -> FakeHypervisorAssert.assertThat(hypervisor)
                        .startedMachine("fedora-44")
                        .thenWasDestroyed())
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("fedora-44 to be: DESTROYED, and it is: POWERED_OFF", "0:00:00.000 fedora-44");
        assertThatThrownBy(() -> FakeHypervisorAssert.assertThat(hypervisor).startedMachine("debian"))
                .hasMessageContaining("there were [fedora-44]");
    }

    @Test
    void aTinyPresetRefusesToo() {
        assertThatThrownBy(() -> FakeHypervisor.tiny(1 << 20, 256).start(spec("big")))
                .hasMessageContaining("256 MiB available");
    }

    @Test
    void aTinyHostRefuses() throws Exception {
        MachineSpec spec = spec("guest");
        for (Hypervisor tiny : List.of(
                hypervisor.toBuilder().tiny(1 << 20, 4096).build(),
                hypervisor.toBuilder().tiny(1 << 30, 256).build(),
                hypervisor.toBuilder().arches(Set.of(Arch.S390X)).build())) {
            assertThatThrownBy(() -> tiny.start(spec))
                    .isInstanceOfSatisfying(HypervisorException.class, e -> assertThat(e.kind())
                            .isEqualTo(HypervisorException.Kind.REFUSED));
        }
    }

    @Test
    void refusesAMachineWhoseFilesAreNotThere() throws Exception {
        MachineSpec spec = spec("guest");
        Files.delete(folder.resolve("disk"));
        assertThatThrownBy(() -> hypervisor.start(spec)).hasMessageContaining("disk");
        FakeHypervisorAssert.assertThat(hypervisor).startedNothing();
    }

    @Test
    void aMachineOutlivesTheConnectionThatStartedIt() throws Exception {
        MachineSpec spec = spec("left");
        Machine left = hypervisor.start(spec);
        FakeHypervisor later = hypervisor.reconnect();
        hypervisor.close();
        assertThatThrownBy(left::state).isInstanceOf(HypervisorException.class);
        FakeHypervisorAssert.assertThat(later).hasRunning("left");
        later.find(spec.uuid()).orElseThrow().destroy();
        FakeHypervisorAssert.assertThat(later).hasNoRunningMachines();
    }

    @Test
    void aFailedAssertionTellsWhatHappened() throws Exception {
        hypervisor.start(spec("left"));
        assertThatThrownBy(() -> FakeHypervisorAssert.assertThat(hypervisor).hasNoRunningMachines())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("[left]")
                .hasMessageContaining("0:00:00.000 left is started");
    }

    @Test
    void aTokenThatIsNowhereIsToldWithTheFilesLookedInto() throws Exception {
        hypervisor.guest(machine -> GuestScript.start().prints(machine.token(Pattern.compile("absent"))));
        MachineSpec spec = spec("guest");
        assertThatThrownBy(() -> hypervisor.start(spec))
                .hasMessageContaining("absent")
                .hasMessageContaining("initrd");
    }
}
