package org.oz4j.testkit;

import java.time.Duration;
import java.util.Optional;

import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.MachineSpec;

class FakeHypervisorContractTest extends HypervisorContract {
    private static final GuestScript ASKING = GuestScript.start()
            .after(Duration.ofSeconds(2))
            .asks(QUESTION, "it's 42 & more")
            .prints("hello it's 42 & more\n")
            .asks(QUESTION, "end")
            .prints("hello end\n")
            .powersOff();

    @Override
    protected Hypervisor open() {
        return FakeHypervisor.kvm()
                .guest(machine -> machine.spec().name().equals("asks") ? ASKING : GuestScript.start());
    }

    @Override
    protected Optional<MachineSpec> asking(String name) throws Exception {
        return Optional.of(spec(name));
    }
}
