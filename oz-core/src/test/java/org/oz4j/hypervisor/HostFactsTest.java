package org.oz4j.hypervisor;

import java.util.EnumSet;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.config.OzConfig.VirtType;

import static org.assertj.core.api.Assertions.assertThat;

class HostFactsTest {
    @ParameterizedTest
    @CsvSource({
        "X86_64,  KVM, X86_64,  KVM",
        "X86_64,  KVM, I386,    KVM",
        "X86_64,  KVM, AARCH64, TCG",
        "AARCH64, KVM, X86_64,  TCG",
        "X86_64,  KVM, RISCV64, TCG",
        "RISCV64, KVM, RISCV64, KVM",
        "AARCH64, KVM, I386,    TCG",
        "X86_64,  TCG, I386,    TCG"
    })
    void machinesOfForeignArchitecturesAreEmulated(Arch host, VirtType own, Arch guest, VirtType runBy) {
        HostFacts facts = new HostFacts(
                "1", host, own, "a test", EnumSet.allOf(Arch.class), EnumSet.allOf(Firmware.class), Map.of());

        assertThat(facts.virtType(guest)).isEqualTo(runBy);
    }
}
