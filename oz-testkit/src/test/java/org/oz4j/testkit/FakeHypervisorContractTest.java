package org.oz4j.testkit;

import org.oz4j.hypervisor.Hypervisor;

class FakeHypervisorContractTest extends HypervisorContract {
    @Override
    protected Hypervisor open() {
        return FakeHypervisor.kvm();
    }
}
