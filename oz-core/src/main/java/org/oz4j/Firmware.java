package org.oz4j;

/** What starts the machine. */
public enum Firmware {
    /** A PC BIOS. */
    BIOS,
    /** UEFI, without Secure Boot. */
    UEFI
}
