package org.oz4j;

import java.nio.file.Path;

import org.oz4j.spi.OsRelease;
import org.oz4j.template.Template;

/** One operating system to build, described by a template; safe for use by many threads, and more than once. */
public interface Guest {
    /** What was asked for. */
    Template template();

    /** The release that the template means. */
    OsRelease release();

    /**
     * What an install would do: no network, no guest, nothing written.
     *
     * @param secrets whether the answer file shows password hashes and keys, in place of stars
     * @throws OzException where the install would be refused before it begins
     */
    Plan plan(boolean secrets) throws InterruptedException;

    /** Installs this guest. */
    Installer installer();

    /** Where an install puts the image: as the options say, or else in the configured folder under the template's name. */
    Path imagePath();

    /**
     * An image of this guest that was made before, as customising and listing take it.
     *
     * @throws DiskException where it can't be read
     */
    InstalledImage imageAt(Path disk);

    /** Customises images of this guest; refuses with {@link UnsupportedOsException} where no way into it is known. */
    Customizer customizer();

    /** Lists what is inside images of this guest; refuses likewise. */
    IcicleGenerator icicleGenerator();
}
