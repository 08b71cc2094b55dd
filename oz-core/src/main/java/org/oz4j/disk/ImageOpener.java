package org.oz4j.disk;

import java.nio.file.Path;

import org.oz4j.DiskException;
import org.oz4j.HostSetupException;
import org.oz4j.ImageFormat;

/** Opens disk images that no machine has open, to read and change their files. */
public interface ImageOpener {
    /** What may be done with an image. */
    enum Mode {
        /** Changes are taken, and forgotten at the end. */
        READ_ONLY,
        /** Changes go to the image. */
        READ_WRITE
    }

    /**
     * Checks that images can be opened on this host, as far as that can be told quickly.
     *
     * @throws HostSetupException where they can't
     */
    void check();

    /**
     * Opens an image.
     *
     * @param work a folder for temporary files, of which nothing is left at the end
     * @throws HostSetupException where the host lacks something
     * @throws DiskException where the image can't be opened, or holds several operating systems
     * @throws InterruptedException where the thread is interrupted; all that was started has ended then
     */
    GuestFilesystem open(Path image, ImageFormat format, Mode mode, Path work) throws InterruptedException;
}
