package org.oz4j.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeAll;
import org.oz4j.HostSetupException;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** libvirt's driver without machines keeps the contract too. */
class LibvirtTestDriverIT extends HypervisorContract {
    @BeforeAll
    static void needsLibvirt() {
        assumeTrue(
                Files.exists(Path.of("/usr/lib/x86_64-linux-gnu/libvirt.so.0")),
                "needs libvirt: run ./oz doctor --fix");
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
