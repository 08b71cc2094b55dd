package org.oz4j.testkit;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.oz4j.HostSetupException;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.spi.MachineHints.NicModel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** libvirt's driver without machines keeps the contract too. */
class LibvirtTestDriverIT extends HypervisorContract {
    private static final int ROUNDS = 500;

    @BeforeAll
    static void needsLibvirt() {
        assumeTrue(
                Files.exists(Path.of("/usr/lib/x86_64-linux-gnu/libvirt.so.0")),
                "needs libvirt: run ./oz doctor --fix");
    }

    @Test
    void tellsWhereAPortIsReachedByTheLeasesOfTheNetwork() throws Exception {
        try (Hypervisor hypervisor = open();
                Machine machine = hypervisor.start(onItsNetwork(spec("leased")))) {
            try {
                List<InetSocketAddress> ssh = machine.endpoints(22);

                assertThat(ssh).isNotEmpty();
                assertThat(ssh.get(0).getPort()).isEqualTo(22);
                assertThat(ssh.get(0).getAddress().getHostAddress()).startsWith("192.168.122."); // its one network
            } finally {
                machine.destroy();
            }
        }
    }

    /** The events of libvirt come by a thread of their own, so those of one machine can reach the next. */
    @Test
    void noMachineIsToldTheEndOfTheOneBeforeItOfTheSameIdentity() throws Exception {
        MachineSpec spec = spec("again and again");
        try (Hypervisor hypervisor = open()) {
            for (int round = 0; round < ROUNDS; round++) {
                try (Machine machine = hypervisor.start(spec)) {
                    assertThat(machine.state().kind()).isEqualTo(MachineState.Kind.RUNNING);
                    machine.destroy();
                }
            }
        }
    }

    private static MachineSpec onItsNetwork(MachineSpec spec) {
        return spec.toBuilder()
                .nic(new MachineSpec.Nic(NicModel.VIRTIO, new Network.Libvirt("default")))
                .build();
    }

    @Override
    protected Hypervisor open() throws Exception {
        OzConfig config = OzConfig.builder(folder)
                .dataDir(folder.resolve("data"))
                .hypervisorUri("test:///default")
                .build();
        Hypervisor hypervisor = LibvirtHypervisor.open(config, TimeSource.system());
        try {
            hypervisor.host();
        } catch (HostSetupException e) {
            abort(e.getMessage());
        }
        return hypervisor;
    }
}
