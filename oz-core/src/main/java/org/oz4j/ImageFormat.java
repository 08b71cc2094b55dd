package org.oz4j;

import java.util.Arrays;
import java.util.Optional;

/** The format of a disk image. */
public enum ImageFormat {
    /** The bytes of the disk, as a sparse file. */
    RAW("raw"),
    /** QEMU's copy-on-write format, version 3. */
    QCOW2("qcow2"),
    /** VMware's format. */
    VMDK("vmdk"),
    /** Hyper-V's format since Windows Server 2012. */
    VHDX("vhdx"),
    /** VirtualBox's format. */
    VDI("vdi");

    private final String label;

    ImageFormat(String label) {
        this.label = label;
    }

    /** The format of that name, if there is one. */
    public static Optional<ImageFormat> of(String label) {
        return Arrays.stream(values()).filter(each -> each.label.equals(label)).findFirst();
    }

    /** The format to install on: that of the others is converted once the installer is done. */
    public ImageFormat whileInstalling() {
        return this == RAW ? RAW : QCOW2;
    }

    /** The name that QEMU and libvirt use. */
    public String label() {
        return label;
    }

    /** The file name's extension, with the dot. */
    public String extension() {
        return this == RAW ? ".dsk" : "." + label;
    }
}
