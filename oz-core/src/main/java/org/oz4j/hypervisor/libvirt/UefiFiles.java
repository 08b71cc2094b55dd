package org.oz4j.hypervisor.libvirt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

import org.oz4j.Arch;

/**
 * The files of a UEFI firmware without Secure Boot.
 *
 * @param code the firmware
 * @param variables the template of its variables
 */
record UefiFiles(Path code, Path variables) {
    // Where Debian and Ubuntu, Fedora, Arch and openSUSE put them.
    private static final Map<Arch, List<UefiFiles>> KNOWN = Map.of(
            Arch.X86_64,
            List.of(
                    of("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
                    of("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
                    of("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
                    of("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
                    of("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin")),
            Arch.AARCH64,
            List.of(
                    of("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
                    of(
                            "/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw",
                            "/usr/share/edk2/aarch64/vars-template-pflash.raw")),
            Arch.RISCV64,
            List.of(of(
                    "/usr/share/qemu-efi-riscv64/RISCV_VIRT_CODE.fd",
                    "/usr/share/qemu-efi-riscv64/RISCV_VIRT_VARS.fd")));

    private static UefiFiles of(String code, String variables) {
        return new UefiFiles(Path.of(code), Path.of(variables));
    }

    /** The first files for machines of that architecture that a host has. */
    static Optional<UefiFiles> find(Arch arch, Predicate<UefiFiles> has) {
        return KNOWN.getOrDefault(arch, List.of()).stream().filter(has).findFirst();
    }

    /** Whether this host has both. */
    boolean areHere() {
        return Files.isRegularFile(code) && Files.isRegularFile(variables);
    }

    /** The Debian package that has them. */
    static String packageFor(Arch arch) {
        return switch (arch) {
            case AARCH64, RISCV64 -> "qemu-efi-" + arch;
            default -> "ovmf";
        };
    }
}
