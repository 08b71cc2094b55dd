package org.oz4j;

import java.util.Optional;

/** A processor architecture, by the name that templates and libvirt use. */
public enum Arch {
    /** 32-bit x86. */
    I386("i386"),
    /** 64-bit x86. */
    X86_64("x86_64"),
    /** 64-bit POWER, big endian. */
    PPC64("ppc64"),
    /** 64-bit POWER, little endian. */
    PPC64LE("ppc64le"),
    /** 64-bit Arm. */
    AARCH64("aarch64"),
    /** 32-bit Arm with hardware floating point. */
    ARMV7L("armv7l"),
    /** IBM Z. */
    S390X("s390x"),
    /** 64-bit RISC-V. */
    RISCV64("riscv64");

    private final String label;

    Arch(String label) {
        this.label = label;
    }

    /** The arch of that name, if there is one. */
    public static Optional<Arch> of(String label) {
        for (Arch arch : values()) {
            if (arch.label.equals(label)) {
                return Optional.of(arch);
            }
        }
        return Optional.empty();
    }

    /** Whether it is a PC's. */
    public boolean isX86() {
        return this == I386 || this == X86_64;
    }

    /** Whether it is Arm's. */
    public boolean isArm() {
        return this == AARCH64 || this == ARMV7L;
    }

    /** Whether its machines start by UEFI alone, and have no mouse but a USB one: those of QEMU's kind {@code virt}. */
    public boolean startsByUefiAlone() {
        return isArm() || this == RISCV64;
    }

    /** The name in templates. */
    @Override
    public String toString() {
        return label;
    }
}
