package org.oz4j.hypervisor;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.spi.MachineHints.Clock;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MachineHints.Pointer;

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
 * @param pointer its pointing device
 * @param oldVirtio whether the guest knows virtio 0.9 alone
 * @param serials serial ports, in order; the first is the console
 * @param consoleInput a socket that the hypervisor makes there, by which {@link Machine#type} writes to the console; 107
 *     bytes at most. Empty where nobody writes
 * @param virtioPorts virtio-serial ports
 * @param agent whether there is a port for QEMU's guest agent, which can tell the guest's addresses
 * @param oemStrings SMBIOS strings of type 11; whoever can see the hypervisor's processes can read them
 * @param firmwareFiles files that the guest sees under these names in QEMU's fw_cfg, as {@code opt/org.example/name}; 55
 *     characters at most
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
        Pointer pointer,
        boolean oldVirtio,
        List<Path> serials,
        Optional<Path> consoleInput,
        List<VirtioPort> virtioPorts,
        boolean agent,
        List<String> oemStrings,
        Map<String, Path> firmwareFiles,
        boolean stopOnReboot) {

    /** Copies the lists. */
    public MachineSpec {
        disks = List.copyOf(disks);
        serials = List.copyOf(serials);
        virtioPorts = List.copyOf(virtioPorts);
        oemStrings = List.copyOf(oemStrings);
        firmwareFiles = Map.copyOf(firmwareFiles);
    }

    /** A machine of one processor, 512 MiB, BIOS and nothing else, of a new identity, that boots from its first disk. */
    public static Builder builder(String name, Arch arch) {
        return new Builder(name, arch);
    }

    /** What makes a machine like this one. */
    public Builder toBuilder() {
        Builder builder = new Builder(name, arch)
                .uuid(uuid)
                .cpus(cpus)
                .memoryMiB(memoryMiB)
                .firmware(firmware)
                .nvram(nvram)
                .boot(boot)
                .disks(disks)
                .clock(clock)
                .pointer(pointer)
                .oldVirtio(oldVirtio)
                .serials(serials)
                .consoleInput(consoleInput)
                .virtioPorts(virtioPorts)
                .agent(agent)
                .oemStrings(oemStrings)
                .firmwareFiles(firmwareFiles)
                .stopOnReboot(stopOnReboot);
        builder.nic = nic;
        return builder;
    }

    /** Makes a {@link MachineSpec}; its setters are explained there. */
    public static final class Builder {
        private final String name;
        private final Arch arch;
        private UUID uuid = UUID.randomUUID();
        private int cpus = 1;
        private int memoryMiB = 512;
        private Firmware firmware = Firmware.BIOS;
        private Optional<Path> nvram = Optional.empty();
        private Boot boot = new Boot.FromDisk();
        private List<Disk> disks = List.of();
        private Optional<Nic> nic = Optional.empty();
        private Clock clock = Clock.UTC;
        private Pointer pointer = Pointer.PS2;
        private boolean oldVirtio;
        private List<Path> serials = List.of();
        private Optional<Path> consoleInput = Optional.empty();
        private List<VirtioPort> virtioPorts = List.of();
        private boolean agent;
        private List<String> oemStrings = List.of();
        private Map<String, Path> firmwareFiles = Map.of();
        private boolean stopOnReboot;

        private Builder(String name, Arch arch) {
            this.name = name;
            this.arch = arch;
        }

        /** Sets the identity. */
        public Builder uuid(UUID value) {
            uuid = value;
            return this;
        }

        /** Sets the number of processors. */
        public Builder cpus(int value) {
            cpus = value;
            return this;
        }

        /** Sets the memory, in MiB. */
        public Builder memoryMiB(int value) {
            memoryMiB = value;
            return this;
        }

        /** Sets the firmware. */
        public Builder firmware(Firmware value) {
            firmware = value;
            return this;
        }

        /** Sets where UEFI keeps its variables. */
        public Builder nvram(Optional<Path> value) {
            nvram = value;
            return this;
        }

        /** Sets what is booted. */
        public Builder boot(Boot value) {
            boot = value;
            return this;
        }

        /** Sets disks and CDs. */
        public Builder disks(List<Disk> value) {
            disks = value;
            return this;
        }

        /** Sets the network card. */
        public Builder nic(Nic value) {
            nic = Optional.of(value);
            return this;
        }

        /** Sets what the hardware clock shows. */
        public Builder clock(Clock value) {
            clock = value;
            return this;
        }

        /** Sets the pointing device. */
        public Builder pointer(Pointer value) {
            pointer = value;
            return this;
        }

        /** Sets whether the guest knows virtio 0.9 alone. */
        public Builder oldVirtio(boolean value) {
            oldVirtio = value;
            return this;
        }

        /** Sets the serial ports. */
        public Builder serials(List<Path> value) {
            serials = value;
            return this;
        }

        /** Sets the socket by which the console is written to. */
        public Builder consoleInput(Optional<Path> value) {
            consoleInput = value;
            return this;
        }

        /** Sets the virtio-serial ports. */
        public Builder virtioPorts(List<VirtioPort> value) {
            virtioPorts = value;
            return this;
        }

        /** Sets whether there is a port for the guest agent. */
        public Builder agent(boolean value) {
            agent = value;
            return this;
        }

        /** Sets the SMBIOS strings. */
        public Builder oemStrings(List<String> value) {
            oemStrings = value;
            return this;
        }

        /** Sets the files in QEMU's fw_cfg. */
        public Builder firmwareFiles(Map<String, Path> value) {
            firmwareFiles = value;
            return this;
        }

        /** Sets whether a reboot of the guest stops the machine. */
        public Builder stopOnReboot(boolean value) {
            stopOnReboot = value;
            return this;
        }

        /** Makes the machine. */
        public MachineSpec build() {
            return new MachineSpec(
                    name,
                    uuid,
                    arch,
                    cpus,
                    memoryMiB,
                    firmware,
                    nvram,
                    boot,
                    disks,
                    nic,
                    clock,
                    pointer,
                    oldVirtio,
                    serials,
                    consoleInput,
                    virtioPorts,
                    agent,
                    oemStrings,
                    firmwareFiles,
                    stopOnReboot);
        }
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
     * A disk, or what is put into a drive.
     *
     * @param path the image
     * @param format the image's format; raw for what is put into a drive
     * @param bus how it is attached; CDs go to SATA, IDE or SCSI, and floppies to their own, whatever is said here
     * @param kind what it is
     * @param disposable whether a crash of the host may spoil it: then writes are not flushed, which is fast
     */
    public record Disk(Path path, ImageFormat format, DiskBus bus, Kind kind, boolean disposable) {
        /** What a disk is. */
        public enum Kind {
            /** A hard disk. */
            HARD_DISK,
            /** A CD or DVD, read only. */
            CD,
            /** A floppy, read only; machines of x86 have a drive for it. */
            FLOPPY
        }

        /** A hard disk. */
        public Disk(Path path, ImageFormat format, DiskBus bus, boolean disposable) {
            this(path, format, bus, Kind.HARD_DISK, disposable);
        }

        /** A CD. */
        public static Disk cd(Path image) {
            return new Disk(image, ImageFormat.RAW, DiskBus.SATA, Kind.CD, false);
        }

        /** A floppy. */
        public static Disk floppy(Path image) {
            return new Disk(image, ImageFormat.RAW, DiskBus.SATA, Kind.FLOPPY, false);
        }

        /** Whether it is a hard disk. */
        public boolean isHardDisk() {
            return kind == Kind.HARD_DISK;
        }
    }

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
