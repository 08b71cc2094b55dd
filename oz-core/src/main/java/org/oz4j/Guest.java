package org.oz4j;

import org.oz4j.spi.OsRelease;
import org.oz4j.template.Template;

/** One operating system to build, described by a template; safe for use by many threads, and more than once. */
public interface Guest {
    /** What was asked for. */
    Template template();

    /** The release that the template means. */
    OsRelease release();

    /** Installs this guest. */
    Installer installer();

    /**
     * Customises images of this guest.
     *
     * @throws UnsupportedOsException where no way into this OS is known
     */
    Customizer customizer();

    /**
     * Lists what is inside images of this guest.
     *
     * @throws UnsupportedOsException where no way into this OS is known
     */
    IcicleGenerator icicleGenerator();
}
