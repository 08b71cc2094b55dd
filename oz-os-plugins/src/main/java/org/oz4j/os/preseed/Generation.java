package org.oz4j.os.preseed;

/**
 * The generations of debian-installer, oldest first, as far as their questions differ.
 *
 * <p>Source: the example preseed files of the installation guides, Debian 3.1 to 13 and Ubuntu 5.04 to 18.04, appendix B.
 */
public enum Generation {
    /** Debian 3.1, Ubuntu 5.04: a reboot parts the base system from the rest, which base-config installs. */
    BASE_CONFIG,
    /** Ubuntu 6.06: all before the reboot, whose last steps are in {@code prebaseconfig.d}. */
    PREBASECONFIG,
    /** Debian 4, Ubuntu 6.10: these steps are in {@code finish-install.d}. */
    FINISH_INSTALL,
    /** Debian 5, Ubuntu 8.04: short names of recipes, and a C library that knows SHA-512 hashes (glibc 2.7). */
    SHORT_RECIPES,
    /** Debian 6, Ubuntu 9.10: short names of all choices. */
    SHORT_CHOICES,
    /** Debian 7, Ubuntu 11.04 and all later: one package keyboard-configuration. */
    KEYBOARD_CONFIGURATION;

    /** Whether it is that generation or an older one. */
    boolean upTo(Generation other) {
        return compareTo(other) <= 0;
    }
}
