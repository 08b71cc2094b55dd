package org.oz4j.hypervisor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.spi.MachineHints.Clock;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;

/**
 * A machine to run.
 *
 * @param name unique among the hypervisor's machines
 * @param uuid its identity
 * @param arch its architecture
 * @param cpus virtual processors
 * @param memoryMiB memory in MiB
 * @param firmware what it starts with
 * @param nvram where UEFI keeps its variables; made from the firmware's template where it is not there
 * @param boot what is booted
 * @param disks disks and CDs, in order
 * @param nic its network card, if any
 * @param clock what its hardware clock shows
 * @param serials serial ports, in order; the first is the console
 * @param virtioPorts virtio-serial ports
 * @param oemStrings SMBIOS strings of type 11
 * @param stopOnReboot whether a reboot of the guest stops the machine
 */
public record MachineSpec(
        String name,
        UUID uuid,
        Arch arch,
        int cpus,
        int memoryMiB,
        Firmware firmware,
        Optional<Path> nvram,
        Boot boot,
        List<Disk> disks,
        Optional<Nic> nic,
        Clock clock,
        List<Path> serials,
        List<VirtioPort> virtioPorts,
        List<String> oemStrings,
        boolean stopOnReboot) {

    /** Copies the lists. */
    public MachineSpec {
        disks = List.copyOf(disks);
        serials = List.copyOf(serials);
        virtioPorts = List.copyOf(virtioPorts);
        oemStrings = List.copyOf(oemStrings);
    }

    /** The same machine, booting something else. */
    public MachineSpec withBoot(Boot other) {
        return new MachineSpec(
                name,
                uuid,
                arch,
                cpus,
                memoryMiB,
                firmware,
                nvram,
                other,
                disks,
                nic,
                clock,
                serials,
                virtioPorts,
                oemStrings,
                stopOnReboot);
    }

    /** What a machine boots. */
    public sealed interface Boot {
        /** A kernel, past the firmware. */
        record Kernel(Path kernel, Path initrd, String arguments) implements Boot {}

        /** The first disk. */
        record FromDisk() implements Boot {}

        /** The first CD; the first disk once the CD gives up, or at the reboots of the guest itself. */
        record FromCd() implements Boot {}
    }

    /**
     * A disk or a CD.
     *
     * @param path the image
     * @param format the image's format
     * @param bus how it is attached; a CD goes to SATA or IDE whatever is said here
     * @param cd whether it is a CD, read only
     * @param disposable whether a crash of the host may spoil it: then writes are not flushed, which is fast
     */
    public record Disk(Path path, ImageFormat format, DiskBus bus, boolean cd, boolean disposable) {}

    /**
     * A network card.
     *
     * @param model its model
     * @param network what it is plugged into
     * @param mac its address, as in {@code 52:54:00:12:34:56}; empty for one of the hypervisor's choice
     */
    public record Nic(NicModel model, Network network, Optional<String> mac) {
        /** One with an address of the hypervisor's choice. */
        public Nic(NicModel model, Network network) {
            this(model, network, Optional.empty());
        }
    }

    /**
     * A virtio-serial port.
     *
     * @param name the guest sees it under this name
     * @param log all that the guest writes to it goes to the end of this file, soon
     */
    public record VirtioPort(String name, Path log) {}
}
