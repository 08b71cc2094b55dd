package org.oz4j.testkit;

import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.testkit.linux.HostPrograms;
import org.oz4j.testkit.linux.SmallLinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The embedded QEMU driver keeps the contract, with real machines. */
class LibvirtEmbedIT extends HypervisorContract {
    // One for all tests: the first opening probes QEMU for seconds.
    @TempDir
    private static Path data;

    private static final HostPrograms HOST = HostPrograms.of(HostPrograms.BUSYBOX);

    @BeforeAll
    static void needsQemu() {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64"))
                        && Files.exists(
                                Path.of("/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so")),
                "needs QEMU and libvirt's QEMU driver: run ./oz doctor --fix");
    }

    @Test
    void aProcessOpensItAsOftenAsItLikes() throws Exception {
        for (int time = 0; time < 60; time++) { // libvirt has room for a driver twenty times
            try (Hypervisor hypervisor = open()) {
                assertThat(hypervisor.host().arch()).as("opened %d times", time).isNotNull();
            }
        }
    }

    @Override
    protected Optional<MachineSpec> asking(String name) throws Exception {
        assumeTrue(HOST.missingPackages().isEmpty(), "needs the packages " + HOST.missingPackages());
        SmallLinux parts = new SmallLinux(HOST);
        Path initrd = folder.resolve("initrd");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(initrd))) {
            parts.initrd(List.of())
                    .text(
                            "init",
                            0755,
                            """
                            #!/bin/sh
                            . /lib/start
                            echo 1 >/proc/sys/kernel/printk
                            while [ "$line" != end ]; do
                                printf '%s'
                                read -r line
                                echo "hello $line"
                            done
                            poweroff -f
                            """
                                    .formatted(QUESTION))
                    .writeInitrd(out);
        }
        return Optional.of(spec(name).toBuilder()
                .memoryMiB(128)
                .boot(new MachineSpec.Boot.Kernel(parts.kernel(), initrd, SmallLinux.KERNEL_ARGUMENTS + " quiet"))
                .build());
    }

    @Override
    protected Hypervisor open() {
        OzConfig config = OzConfig.builder(data)
                .dataDir(data)
                .hypervisorUri("qemu:///embed?root=" + data.resolve("h"))
                .build();
        return LibvirtHypervisor.open(config, TimeSource.system());
    }
}
