package org.oz4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Which Debian packages Oz needs on its host, and the files that show that they are there. */
final class HostPackages {
    /**
     * Something that the host has to have.
     *
     * @param name what it is called in reports
     * @param debianPackage the package that brings it
     * @param required whether nothing goes without it
     * @param there whether it is there
     * @param purpose what it is for
     */
    record Need(String name, String debianPackage, boolean required, Predicate<Host> there, String purpose) {}

    /** Everything but what TinyLinux is made from, which knows that itself. */
    static final List<Need> NEEDS = List.of(
            new Need(
                    "QEMU",
                    "qemu-system-x86",
                    true,
                    host -> host.hasProgram("qemu-system-x86_64"),
                    "runs the installer's machine"),
            new Need(
                    "libvirt library",
                    "libvirt0",
                    true,
                    host -> host.hasLibrary("libvirt.so.0"),
                    "starts and watches machines"),
            new Need(
                    "libvirt helpers",
                    "libvirt-daemon",
                    true,
                    host -> host.hasFile("usr/lib/libvirt/libvirt_iohelper") || host.hasProgram("libvirtd"),
                    "libvirt's own programs; no daemon has to run"),
            new Need(
                    "libvirt QEMU driver",
                    "libvirt-daemon-driver-qemu",
                    true,
                    host -> host.hasLibrary("libvirt/connection-driver/libvirt_driver_qemu.so"),
                    "lets libvirt run QEMU inside this program (qemu:///embed)"),
            new Need(
                    "qemu-img",
                    "qemu-utils",
                    false,
                    host -> host.hasProgram("qemu-img"),
                    "for you to look at images and convert them; Oz itself does without"),
            new Need("xorriso", "xorriso", false, host -> host.hasProgram("xorriso"), "makes install media"),
            new Need(
                    "libguestfs",
                    "libguestfs0",
                    false,
                    host -> host.hasLibrary("libguestfs.so.0"),
                    "only for images of guests that can't be entered; needs a Linux kernel in /boot too"),
            new Need(
                    "UEFI firmware",
                    "ovmf",
                    false,
                    host -> host.hasFile("usr/share/OVMF/OVMF_CODE_4M.fd")
                            || host.hasFile("usr/share/OVMF/OVMF_CODE.fd"),
                    "only for guests that start with UEFI"));

    private HostPackages() {}

    /** The commands that install packages, unattended; through sudo where we are not root. */
    static List<List<String>> installCommands(boolean superuser, List<String> packages) {
        return List.of(apt(superuser, List.of("update")), apt(superuser, concat("install", packages)));
    }

    private static List<String> concat(String verb, List<String> packages) {
        ArrayList<String> arguments = new ArrayList<>(List.of(verb, "-y", "--no-install-recommends"));
        arguments.addAll(packages);
        return arguments;
    }

    private static List<String> apt(boolean superuser, List<String> arguments) {
        ArrayList<String> command = new ArrayList<>();
        if (!superuser) {
            // -n: fails where a password is needed, instead of asking a terminal that may not be there
            command.addAll(List.of("sudo", "-n"));
        }
        command.addAll(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"));
        command.addAll(arguments);
        return command;
    }
}
