package org.oz4j.disk.guestfs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.oz4j.DiskException;
import org.oz4j.HostSetupException;
import org.oz4j.ImageFormat;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.disk.GuestFilesystem;

/**
 * Opens disk images by libguestfs, which reads them in a small machine of its own: what a hostile file system does to the
 * kernel that mounts it does not reach the host.
 *
 * <p>An operating system's file systems are mounted as it would mount them; an image with one file system and no
 * operating system has that alone. A launch takes seconds with KVM and most of a minute without.
 */
public final class Guestfs {
    private Guestfs() {}

    /** What may be done with an image. */
    public enum Mode {
        /** Changes are taken, and forgotten at the end. */
        READ_ONLY,
        /** Changes go to the image. */
        READ_WRITE
    }

    /**
     * Opens an image that no machine has open.
     *
     * @param work a folder for temporary files, of which nothing is left at the end
     * @param virtType the configuration's override of what the small machine is run by, if any
     * @param time tells when files change
     * @throws HostSetupException where libguestfs or a kernel for its machine is missing
     * @throws DiskException where the image can't be opened, or holds several operating systems
     * @throws InterruptedException where the thread is interrupted; all that was started has ended then
     */
    public static GuestFilesystem open(
            Path image, ImageFormat format, Mode mode, Path work, Optional<VirtType> virtType, TimeSource time)
            throws InterruptedException {
        try {
            return GuestfsFiles.open(image.toAbsolutePath(), format, mode, work.toAbsolutePath(), virtType, time);
        } catch (IOException e) {
            throw new DiskException(image, "No temporary folder can be made in " + work + ": " + e, null, e);
        }
    }
}
