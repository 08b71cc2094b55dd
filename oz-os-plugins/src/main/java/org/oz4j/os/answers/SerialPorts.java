package org.oz4j.os.answers;

import org.oz4j.Arch;
import org.oz4j.spi.InstallFlow.SuccessSignal;

/**
 * What Linux calls the ports by which an installer is heard. Machines that are no PCs have no second serial port, but may have
 * one of virtio.
 *
 * <p>Source: QEMU's documentation of its machines {@code virt}, {@code pseries} and {@code s390-ccw-virtio}; the kernel's
 * {@code devices.txt}; the rules of udev and mdev for {@code virtio-ports}.
 */
public final class SerialPorts {
    private static final String PORT = "org.oz4j.success";

    private SerialPorts() {}

    /** The console, by its name in {@code /dev}. */
    public static String console(Arch arch) {
        return switch (arch) {
            case I386, X86_64, RISCV64 -> "ttyS0";
            case AARCH64, ARMV7L -> "ttyAMA0";
            case PPC64, PPC64LE -> "hvc0";
            case S390X -> "ttysclp0";
        };
    }

    /** The console, as the kernel's argument {@code console=} has it: with its speed, where it has one. */
    public static String argument(Arch arch) {
        String console = console(arch);
        return console.matches("tty(S|AMA)0") ? console + ",115200" : console;
    }

    /** Arguments for a kernel that talks on the screen, where the machine has one, and on the console. */
    public static String arguments(Arch arch) {
        return (arch == Arch.S390X ? "" : "console=tty0 ") + "console=" + argument(arch);
    }

    /**
     * How an installer says that it succeeded.
     *
     * @param virtioPorts whether its kernel has the driver of virtio's ports, and names them (Linux 2.6.35)
     */
    public static SuccessSignal signal(Arch arch, boolean virtioPorts) {
        if (arch.isX86()) {
            return new SuccessSignal.SerialToken();
        }
        return virtioPorts ? new SuccessSignal.VirtioToken(PORT) : new SuccessSignal.ImageCheck();
    }

    /** Where the log and the token go, by its name in {@code /dev}. */
    public static String log(SuccessSignal signal) {
        if (signal instanceof SuccessSignal.VirtioToken virtio) {
            return "virtio-ports/" + virtio.port();
        }
        return signal instanceof SuccessSignal.SerialToken ? "ttyS1" : "null";
    }
}
