package org.oz4j.host;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;
import org.oz4j.ConfigException;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.host.VirtTypes.Device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class VirtTypesTest {
    private static final String INTEL = "flags\t\t: fpu vme vmx ept";
    private static final String AMD = "processor : 0\nflags\t\t: fpu svm npt\nbugs :";
    private static final String NEITHER = "model name: vmx svm\nflags\t\t: fpu vme hypervisor vmxnet";

    private static VirtTypes.Facts facts(
            Arch arch, boolean listed, boolean remote, String cpu, Device device, String variable, String configured) {
        String cpuinfo =
                switch (cpu) {
                    case "intel" -> INTEL;
                    case "amd" -> AMD;
                    default -> NEITHER;
                };
        return new VirtTypes.Facts(
                arch,
                listed,
                remote,
                cpuinfo,
                device,
                Optional.of(variable).filter(value -> !value.equals("-")),
                Optional.of(configured).filter(value -> !value.equals("-")).map(VirtType::valueOf));
    }

    @ParameterizedTest
    @CsvSource({
        // arch, listed, remote, processor, device, variable, configured, expected, a word of the reason
        "X86_64,  true,  false, intel,   USABLE,  -,    -,   KVM, lists",
        "X86_64,  true,  false, amd,     USABLE,  -,    -,   KVM, lists",
        "X86_64,  true,  false, neither, USABLE,  -,    -,   TCG, vmx",
        "I386,    true,  false, neither, USABLE,  -,    -,   TCG, vmx",
        "X86_64,  true,  false, intel,   CLOSED,  -,    -,   TCG, opened",
        "X86_64,  true,  false, intel,   MISSING, -,    -,   TCG, no /dev/kvm",
        "X86_64,  false, false, intel,   USABLE,  -,    -,   TCG, does not list",
        "AARCH64, true,  false, neither, USABLE,  -,    -,   KVM, lists",
        "AARCH64, false, false, neither, USABLE,  -,    -,   TCG, aarch64",
        "RISCV64, true,  false, neither, USABLE,  -,    -,   KVM, lists",
        "X86_64,  true,  true,  neither, MISSING, -,    -,   KVM, remote",
        "X86_64,  false, true,  intel,   USABLE,  -,    -,   TCG, does not list",
        "X86_64,  true,  false, intel,   USABLE,  tcg,  -,   TCG, OZ_VIRT_TYPE",
        "X86_64,  true,  false, intel,   USABLE,  QEMU, KVM, TCG, OZ_VIRT_TYPE",
        "X86_64,  true,  false, neither, MISSING, kvm,  TCG, KVM, OZ_VIRT_TYPE",
        "X86_64,  true,  false, neither, MISSING, -,    KVM, KVM, configuration",
        "X86_64,  true,  false, intel,   USABLE,  -,    TCG, TCG, configuration",
    })
    void choosesAndSaysWhy(
            Arch arch,
            boolean listed,
            boolean remote,
            String cpu,
            Device device,
            String variable,
            String configured,
            VirtType expected,
            String reason) {
        VirtTypes.Choice choice = VirtTypes.choose(facts(arch, listed, remote, cpu, device, variable, configured));

        assertThat(choice.type()).isEqualTo(expected);
        assertThat(choice.reason()).contains(reason);
    }

    @Test
    void refusesAVariableThatIsNoType() {
        assertThatThrownBy(() -> VirtTypes.choose(facts(Arch.X86_64, true, false, "intel", Device.USABLE, "xen", "-")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("OZ_VIRT_TYPE")
                .hasMessageContaining("xen");
    }
}
