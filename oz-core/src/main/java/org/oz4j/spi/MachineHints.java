package org.oz4j.spi;

import org.oz4j.Arch;
import org.oz4j.Firmware;

/**
 * The machine that an OS's installer and the installed system run well on.
 *
 * @param nic the model of the network card
 * @param diskBus how the disk is attached
 * @param firmware what the machine starts with
 * @param clock what the hardware clock shows
 * @param pointer its pointing device
 * @param minimumMemoryMiB the least memory the installer runs in, in MiB
 * @param defaultDiskSize the disk's size where the template says none, in bytes
 * @param oldVirtio whether its virtio drivers know version 0.9 alone, as Linux before 4.0: a PC is then an older one, on whose
 *     conventional PCI devices speak both versions. Source: Virtual I/O Device (VIRTIO) 1.0, section 2.2.3 (legacy interface);
 *     QEMU's property disable-legacy
 */
public record MachineHints(
        NicModel nic,
        DiskBus diskBus,
        Firmware firmware,
        Clock clock,
        Pointer pointer,
        int minimumMemoryMiB,
        long defaultDiskSize,
        boolean oldVirtio) {

    /** For today's virtio. */
    public MachineHints(
            NicModel nic,
            DiskBus diskBus,
            Firmware firmware,
            Clock clock,
            Pointer pointer,
            int minimumMemoryMiB,
            long defaultDiskSize) {
        this(nic, diskBus, firmware, clock, pointer, minimumMemoryMiB, defaultDiskSize, false);
    }

    /** A model of network card. */
    public enum NicModel {
        /** Paravirtual. */
        VIRTIO("virtio"),
        /** Intel PRO/1000. */
        E1000("e1000"),
        /** Realtek RTL8139. */
        RTL8139("rtl8139"),
        /** Novell NE2000 on PCI. */
        NE2K_PCI("ne2k_pci"),
        /** AMD PCnet. */
        PCNET("pcnet");

        private final String label;

        NicModel(String label) {
            this.label = label;
        }

        /** The name that QEMU and libvirt use. */
        public String label() {
            return label;
        }
    }

    /** How a disk is attached. */
    public enum DiskBus {
        /** Paravirtual; {@code /dev/vda} in Linux. */
        VIRTIO("virtio", "vd"),
        /** Serial ATA; {@code /dev/sda} in Linux. */
        SATA("sata", "sd"),
        /** SCSI; {@code /dev/sda} in Linux. */
        SCSI("scsi", "sd"),
        /** Parallel ATA; {@code /dev/hda} in old Linux. */
        IDE("ide", "hd");

        private final String label;
        private final String prefix;

        DiskBus(String label, String prefix) {
            this.label = label;
            this.prefix = prefix;
        }

        /** The name that libvirt uses. */
        public String label() {
            return label;
        }

        /** How libvirt's names of disks on this bus begin. */
        public String prefix() {
            return prefix;
        }
    }

    /** What the hardware clock shows. */
    public enum Clock {
        /** Universal time. */
        UTC,
        /** The zone's local time. */
        LOCALTIME
    }

    /** A pointing device. */
    public enum Pointer {
        /** A mouse on PS/2, which tells movements. */
        PS2("ps2 mouse"),
        /** A tablet on USB, which tells places. */
        USB_TABLET("usb tablet");

        private final String label;

        Pointer(String label) {
            this.label = label;
        }

        /** Its name for people. */
        public String label() {
            return label;
        }
    }

    /** A modern machine: virtio disk and network, BIOS, a clock in universal time. */
    public static MachineHints modern(int minimumMemoryMiB, long defaultDiskSize) {
        return of(Arch.X86_64, NicModel.VIRTIO, DiskBus.VIRTIO, minimumMemoryMiB, defaultDiskSize);
    }

    /** A machine with a clock in universal time; one of Arm's or RISC-V's has UEFI and a tablet, others a BIOS and a mouse. */
    public static MachineHints of(
            Arch arch, NicModel nic, DiskBus diskBus, int minimumMemoryMiB, long defaultDiskSize) {
        return new MachineHints(
                nic,
                diskBus,
                arch.startsByUefiAlone() ? Firmware.UEFI : Firmware.BIOS,
                Clock.UTC,
                arch.startsByUefiAlone() ? Pointer.USB_TABLET : Pointer.PS2,
                minimumMemoryMiB,
                defaultDiskSize);
    }

    /** The same machine with disks on that bus. */
    public MachineHints withDiskBus(DiskBus other) {
        return new MachineHints(nic, other, firmware, clock, pointer, minimumMemoryMiB, defaultDiskSize, oldVirtio);
    }

    /** The same machine with that firmware. */
    public MachineHints withFirmware(Firmware other) {
        return new MachineHints(nic, diskBus, other, clock, pointer, minimumMemoryMiB, defaultDiskSize, oldVirtio);
    }

    /** The same machine for virtio drivers of that age. */
    public MachineHints withOldVirtio(boolean old) {
        return new MachineHints(nic, diskBus, firmware, clock, pointer, minimumMemoryMiB, defaultDiskSize, old);
    }
}
