package org.oz4j.os.preseed;

import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;

/**
 * What an x86 kernel finds its disk and its network by.
 *
 * <p>A Q35 machine, which every disk but IDE's gives, has virtio 1.0 alone, which Linux knows since 4.0
 * (kernelnewbies.org/Linux_4.0, QEMU's documentation of virtio-pci, {@code disable-legacy}); the older machine that comes with
 * IDE has the virtio that 2.6.25 and later know.
 *
 * @param nic the network card
 * @param bus the disk's bus
 * @param disk what the kernel calls the first disk there
 */
public record Hardware(NicModel nic, DiskBus bus, String disk) {
    /** Kernels before 2.6.20 or so, whose IDE drivers say {@code hda}. */
    public static final Hardware IDE = new Hardware(NicModel.RTL8139, DiskBus.IDE, "hda");

    /** Kernels that drive IDE by libata, and have no virtio yet. */
    public static final Hardware LIBATA = new Hardware(NicModel.RTL8139, DiskBus.IDE, "sda");

    /** Debian 5: virtio for the network, and the old IDE drivers. */
    public static final Hardware IDE_VIRTIO_NET = new Hardware(NicModel.VIRTIO, DiskBus.IDE, "hda");

    /** Kernels from 2.6.25 on that know no virtio 1.0. */
    public static final Hardware LIBATA_VIRTIO_NET = new Hardware(NicModel.VIRTIO, DiskBus.IDE, "sda");

    /** Linux 4.0 and later. */
    public static final Hardware VIRTIO = new Hardware(NicModel.VIRTIO, DiskBus.VIRTIO, "vda");

    /** This, or with a modern kernel the bus that is wished. */
    Hardware with(DiskBus wish) {
        if (bus != DiskBus.VIRTIO) {
            return this;
        }
        return new Hardware(nic, wish, wish == DiskBus.IDE ? "sda" : wish.prefix() + "a");
    }
}
