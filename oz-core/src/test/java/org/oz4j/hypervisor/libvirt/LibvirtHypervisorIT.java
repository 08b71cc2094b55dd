package org.oz4j.hypervisor.libvirt;

import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.HostSetupException;
import org.oz4j.HypervisorException;
import org.oz4j.ImageFormat;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.disk.DiskImages;
import org.oz4j.host.VirtTypes;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Disk;
import org.oz4j.hypervisor.MachineSpec.Nic;
import org.oz4j.hypervisor.MachineSpec.VirtioPort;
import org.oz4j.hypervisor.MachineState.Kind;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The embedded driver with a real QEMU, and a machine that finds nothing to boot. */
@Timeout(120)
class LibvirtHypervisorIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path data; // one for all: a process has one root

    @SuppressWarnings("NullAway.Init")
    private static Hypervisor hypervisor;

    @BeforeAll
    static void opens() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64")), "qemu-system-x86_64 is not installed");
        hypervisor = LibvirtHypervisor.open(config("qemu:///embed"), TimeSource.system());
        try {
            hypervisor.host();
        } catch (HostSetupException e) {
            abort(e.getMessage());
        }
    }

    @AfterAll
    static void closes() {
        if (hypervisor != null) {
            hypervisor.close();
        }
    }

    private static OzConfig config(String uri) {
        return OzConfig.builder(data)
                .dataDir(data)
                .outputDir(data.resolve("images"))
                .evidenceDir(data.resolve("evidence"))
                .hypervisorUri(uri)
                .cpus(1)
                .memoryMiB(64)
                .build();
    }

    private static MachineSpec spec(String name) throws Exception {
        Path folder = Files.createDirectories(data.resolve(name));
        Path disk = folder.resolve("disk.img");
        Files.write(disk, new byte[1 << 20]);
        return MachineSpec.builder(name, Arch.X86_64)
                .memoryMiB(64)
                .disks(List.of(new Disk(disk, ImageFormat.RAW, DiskBus.VIRTIO, true)))
                .nic(new Nic(NicModel.VIRTIO, new Network.User()))
                .serials(List.of(folder.resolve("serial.log")))
                .virtioPorts(List.of(new VirtioPort("org.oz4j.test", folder.resolve("port.log"))))
                .oemStrings(List.of("a=b & <c>, d"))
                .stopOnReboot(true)
                .build();
    }

    @Test
    void tellsTheHostsFactsAndWhyItRunsGuestsSo() throws Exception {
        HostFacts facts = hypervisor.host();

        assertThat(facts.version()).containsPattern("QEMU \\d+\\.\\d+\\.\\d+, libvirt \\d+\\.\\d+\\.\\d+");
        assertThat(facts.guests()).contains(Arch.X86_64);
        assertThat(facts.virtTypeReason()).isNotEmpty();
        if (!Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*\\b(vmx|svm)\\b.*")
                && System.getenv(VirtTypes.VARIABLE) == null) {
            assertThat(facts.virtType()).isEqualTo(VirtType.TCG);
        }
    }

    @Test
    void asksForTheCapabilitiesOfDomains() {
        Connection connection = EmbedDriver.acquire(Optional.empty(), data);
        DomainCapabilities found = DomainCapabilities.parse(
                connection.call("ask", (connect, pointer) -> NativeCalls.domainCapabilities(pointer, "x86_64", "qemu")
                        .orElseThrow()));

        assertThat(found.cpuModes()).contains("maximum").doesNotContain("host-passthrough");
        boolean uefi = UefiFiles.find(Arch.X86_64, UefiFiles::areHere).isPresent();
        assertThat(UefiFiles.find(Arch.X86_64, files -> found.loaders().contains(files.code()))
                        .isPresent())
                .isEqualTo(uefi);
        assertThat(connection.<Boolean>call(
                        "ask", (connect, pointer) -> NativeCalls.domainCapabilities(pointer, "s390x", "kvm")
                                .isEmpty()))
                .isTrue();
    }

    @Test
    void runsAMachineFromStartToDestruction() throws Exception {
        MachineSpec spec = spec("oz-it-life");
        Machine machine = hypervisor.start(spec);
        try {
            assertThat(machine.state().kind()).isEqualTo(Kind.RUNNING);
            assertThat(machine.await(Duration.ofMillis(300)).kind()).isEqualTo(Kind.RUNNING);
            assertThat(machine.description())
                    .contains("<cpu mode='maximum'", "<name>oz-it-life</name>", "a=b &amp; &lt;c&gt;, d");
            assertThat(spec.serials().get(0)).exists();
            assertThat(spec.virtioPorts().get(0).log()).exists();
            assertThat(machine.screenshot().orElseThrow()).startsWith(0x89, 'P', 'N', 'G');
            assertThat(machine.activity().cpuNanos()).isPositive();
            machine.sendKeys(List.of(28));

            List<InetSocketAddress> ssh = machine.endpoints(22);
            assertThat(ssh).hasSize(1);
            try (Socket socket = new Socket(ssh.get(0).getAddress(), ssh.get(0).getPort());
                    InputStream in = socket.getInputStream()) {
                assertThat(socket.isConnected()).isTrue(); // QEMU listens, though no guest answers
                assertThat(in).isNotNull();
            }
            assertThat(machine.endpoints(22)).isEqualTo(ssh);
            assertThat(machine.endpoints(23)).hasSize(1).isNotEqualTo(ssh);

            machine.destroy();
            assertThat(machine.await(LONG).kind()).isEqualTo(Kind.DESTROYED);
            assertThat(machine.state().stopped()).isTrue();
            machine.destroy(); // does nothing
            assertThat(machine.screenshot()).isEmpty();
            assertThat(hypervisor.find(spec.uuid())).isEmpty();
        } finally {
            machine.destroy();
            machine.close();
        }
        assertThatThrownBy(machine::state).isInstanceOfSatisfying(HypervisorException.class, e -> assertThat(e.kind())
                .isEqualTo(HypervisorException.Kind.CLOSED));
    }

    @Test
    void wakesWhoeverWaitsWhenTheMachineIsDestroyedFromAnotherThread() throws Exception {
        MachineSpec spec = spec("oz-it-wake");
        try (Machine machine = hypervisor.start(spec);
                Machine again = hypervisor.find(spec.uuid()).orElseThrow()) {
            assertThat(again.name()).isEqualTo("oz-it-wake");
            Thread killer = new Thread(again::destroy);
            killer.start();
            assertThat(machine.await(LONG).kind()).isEqualTo(Kind.DESTROYED);
            killer.join();
        }
    }

    @Test
    void givesLibvirtsWordsWhereAMachineIsRefused() throws Exception {
        MachineSpec spec = spec("oz-it-refused");
        Files.delete(spec.disks().get(0).path());

        assertThatThrownBy(() -> hypervisor.start(spec))
                .isInstanceOfSatisfying(HypervisorException.class, e -> assertThat(e.kind())
                        .isEqualTo(HypervisorException.Kind.REFUSED))
                .hasMessageContaining("disk.img")
                .hasMessageContaining("oz-it-refused");
        assertThat(hypervisor.find(spec.uuid())).isEmpty();
    }

    @Test
    void aSnapshotLeavesADiskAsItWasAndGoesOnInANewFile() throws Exception {
        MachineSpec spec = spec("oz-it-snapshot");
        Path disk = spec.disks().get(0).path();
        Path first = data.resolve("oz-it-snapshot/it's the <first>.qcow2");
        Path second = data.resolve("oz-it-snapshot/second.qcow2");
        try (Machine machine = hypervisor.start(spec)) {
            machine.snapshot(disk, first);
            machine.snapshot(first, second);

            assertThat(machine.description()).contains(second.toString());
            assertThat(DiskImages.formatOf(second)).isEqualTo(ImageFormat.QCOW2);
            assertThat(DiskImages.virtualSize(second, ImageFormat.QCOW2)).isEqualTo(1 << 20);
            Path third = data.resolve("oz-it-snapshot/third.qcow2");
            assertThatThrownBy(() -> machine.snapshot(disk, third))
                    .isInstanceOfSatisfying(HypervisorException.class, e -> assertThat(e.kind())
                            .isEqualTo(HypervisorException.Kind.REFUSED));
            assertThat(third).doesNotExist();
            assertThat(machine.state().kind()).isEqualTo(Kind.RUNNING);
            machine.destroy();
            assertThatThrownBy(() -> machine.snapshot(second, third)).isInstanceOf(HypervisorException.class);
        }
        assertThat(disk).hasBinaryContent(new byte[1 << 20]);
    }

    @Test
    void startsWithUefi() throws Exception {
        assumeTrue(hypervisor.host().firmware().contains(Firmware.UEFI), "no UEFI firmware is installed");
        MachineSpec bios = spec("oz-it-uefi");
        Path nvram = data.resolve("oz-it-uefi/nvram.fd");
        MachineSpec spec = bios.toBuilder()
                .cpus(1)
                .memoryMiB(128)
                .firmware(Firmware.UEFI)
                .nvram(Optional.of(nvram))
                .stopOnReboot(true)
                .build();
        try (Machine machine = hypervisor.start(spec)) {
            assertThat(nvram).isNotEmptyFile();
            machine.destroy();
        }
    }

    @Test
    void refusesAllUseAfterItWasClosedWhileOthersKeepTheConnection() throws Exception {
        Hypervisor other = LibvirtHypervisor.open(config("qemu:///embed"), TimeSource.system());
        assertThat(other.host()).isEqualTo(hypervisor.host());
        other.close();

        assertThatThrownBy(other::host).isInstanceOfSatisfying(HypervisorException.class, e -> assertThat(e.kind())
                .isEqualTo(HypervisorException.Kind.CLOSED));
        assertThat(hypervisor.find(UUID.randomUUID())).isEmpty();
    }

    @Test
    void anInterruptEndsTheWaitForTheConnectionAndTheNextCallGetsIt() throws Exception {
        try (Hypervisor other = LibvirtHypervisor.open(config("test:///default"), TimeSource.system())) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(other::host).isInstanceOf(InterruptedException.class);
            assertThat(other.host().version()).startsWith("TEST");
        }
    }

    @Test
    void runsMachinesOfLibvirtsTestDriver() throws Exception {
        try (Hypervisor other = LibvirtHypervisor.open(config("test:///default"), TimeSource.system());
                Machine machine = other.start(spec("oz-it-test"))) {
            assertThat(machine.state().kind()).isEqualTo(Kind.RUNNING);
            machine.requestShutdown();
            assertThat(machine.await(LONG).kind()).isEqualTo(Kind.POWERED_OFF);
        }
    }

    @Test
    void fiveHundredMachinesLeaveNothingInLibvirtsHands() throws Exception {
        LibvirtHypervisor other = LibvirtHypervisor.open(config("test:///default"), TimeSource.system());
        Connection connection = other.connection();
        for (int i = 0; i < 500; i++) {
            MachineSpec spec = spec("oz-it-handles");
            try (Machine machine = other.start(spec);
                    Machine found = other.find(spec.uuid()).orElseThrow()) {
                assertThat(found.description()).contains("oz-it-handles");
                machine.destroy();
                assertThat(found.await(LONG).stopped()).isTrue();
            }
            assertThat(other.find(spec.uuid())).isEmpty();
        }

        other.close();

        assertThat(connection.handlesLeft()).isZero();
    }

    @Test
    void saysThatNobodyAnswersAtAnAddress() throws Exception {
        try (Hypervisor other =
                LibvirtHypervisor.open(config("qemu+unix:///system?socket=/nowhere/sock"), TimeSource.system())) {
            assertThatThrownBy(other::host)
                    .isInstanceOfSatisfying(HypervisorException.class, e -> assertThat(e.kind())
                            .isEqualTo(HypervisorException.Kind.UNAVAILABLE))
                    .hasMessageContaining("/nowhere/sock");
        }
    }
}
