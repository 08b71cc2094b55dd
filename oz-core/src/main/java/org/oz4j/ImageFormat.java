package org.oz4j;

/** The format of a disk image. */
public enum ImageFormat {
    /** The bytes of the disk, as a sparse file. */
    RAW("raw"),
    /** QEMU's copy-on-write format, version 3. */
    QCOW2("qcow2");

    private final String label;

    ImageFormat(String label) {
        this.label = label;
    }

    /** The name that QEMU and libvirt use; also the file's extension for qcow2. */
    public String label() {
        return label;
    }

    /** The file name's extension, with the dot. */
    public String extension() {
        return this == RAW ? ".dsk" : ".qcow2";
    }
}
