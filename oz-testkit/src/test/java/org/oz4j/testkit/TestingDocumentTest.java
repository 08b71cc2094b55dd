package org.oz4j.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.ImageFormat;
import org.oz4j.Oz;
import org.oz4j.OzBuilder;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.spi.MachineHints.DiskBus;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The examples of docs/testing.md. */
class TestingDocumentTest {
    /** What is tested here: it gives a machine two hours, and pulls the plug. */
    private static void runToTheEnd(Hypervisor hypervisor, MachineSpec spec) throws InterruptedException {
        try (Machine machine = hypervisor.start(spec)) {
            if (!machine.await(Duration.ofHours(2)).stopped()) {
                machine.destroy();
                throw new IllegalStateException("took too long");
            }
        }
    }

    @Test
    void pullsThePlugOfAHungInstaller(@TempDir Path folder) throws Exception {
        FakeHypervisor hypervisor = FakeHypervisor.tcg().guest(machine -> GuestScript.start()
                .prints("Partitioning\n")
                .worksFor(Duration.ofMinutes(10))
                .hangs());

        assertThatThrownBy(() -> runToTheEnd(hypervisor, spec(folder))).hasMessage("took too long");

        FakeHypervisorAssert.assertThat(hypervisor).started("guest").hasNoRunningMachines();
    }

    /** Oz on the fake, with the fake's time. */
    static OzBuilder ozOn(FakeHypervisor hypervisor) {
        return Oz.builder().hypervisor(hypervisor).time(hypervisor.time());
    }

    private static MachineSpec spec(Path folder) throws IOException {
        Path disk = Files.write(folder.resolve("disk"), new byte[1 << 20]);
        return MachineSpec.builder("guest", Arch.X86_64)
                .memoryMiB(512)
                .disks(List.of(new MachineSpec.Disk(disk, ImageFormat.RAW, DiskBus.VIRTIO, true)))
                .serials(List.of(folder.resolve("console")))
                .stopOnReboot(true)
                .build();
    }
}
