package org.oz4j.os.preseed;

import org.oz4j.Arch;

/**
 * How an architecture is called, and where its installer lies. The placeholder {@code FAMILY} is {@code debian} or
 * {@code ubuntu}.
 *
 * <p>Sources: the folders {@code images/} of both archives, Debian's installation guides 5.1, debian-cd's folders of boot
 * files (riscv64: {@code tools/boot/trixie/boot-riscv64} of 3.2.2, and QEMU's manual of its machine {@code virt}, which has
 * one NS16550). Those of amd64, arm64 and ppc64el have started here (Debian 13).
 *
 * @param name Debian's name of it
 * @param folder of the boot files below {@code images/}, with a slash at its end
 * @param kernel the kernel's name there
 * @param initrd the initial ramdisk's name there
 * @param disc the kernel and the initial ramdisk on Debian's discs
 */
record Port(String name, String folder, String kernel, String initrd, Disc disc) {
    /**
     * Boot files on a disc.
     *
     * @param kernel the kernel's path
     * @param initrd the initial ramdisk's path
     */
    record Disc(String kernel, String initrd) {
        static Disc in(String folder) {
            return new Disc(folder + "/vmlinuz", folder + "/initrd.gz");
        }
    }

    static Port of(Arch arch) {
        return switch (arch) {
            case I386 -> netboot("i386", "linux", Disc.in("install.386"));
            case X86_64 -> netboot("amd64", "linux", Disc.in("install.amd"));
            case AARCH64 -> netboot("arm64", "linux", Disc.in("install.a64"));
            case RISCV64 -> netboot("riscv64", "linux", new Disc("install/vmlinux", "install/initrd.gz"));
            case ARMV7L -> new Port("armhf", "netboot/", "vmlinuz", "initrd.gz", Disc.in("install.ahf"));
            case PPC64LE -> netboot("ppc64el", "vmlinux", new Disc("install/vmlinux", "install/initrd.gz"));
            case PPC64 ->
                new Port(
                        "powerpc",
                        "powerpc64/netboot/",
                        "vmlinux",
                        "initrd.gz",
                        new Disc("install/powerpc64/vmlinux", "install/powerpc64/initrd.gz"));
            case S390X ->
                new Port(
                        "s390x",
                        "generic/",
                        "kernel.FAMILY",
                        "initrd.FAMILY",
                        new Disc("boot/linux_vm", "boot/root.bin"));
        };
    }

    private static Port netboot(String name, String kernel, Disc disc) {
        return new Port(name, "netboot/FAMILY-installer/" + name + "/", kernel, "initrd.gz", disc);
    }
}
