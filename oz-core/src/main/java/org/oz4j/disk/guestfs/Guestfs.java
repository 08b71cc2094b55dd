package org.oz4j.disk.guestfs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.oz4j.DiskException;
import org.oz4j.ImageFormat;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;

/**
 * Opens disk images by libguestfs, which reads them in a small machine of its own: what a hostile file system does to the
 * kernel that mounts it does not reach the host.
 *
 * <p>An operating system's file systems are mounted as it would mount them; an image with one file system and no
 * operating system has that alone. A launch takes seconds with KVM and most of a minute without.
 *
 * @param virtType the configuration's override of what the small machine is run by, if any
 * @param time tells when files change
 */
public record Guestfs(Optional<VirtType> virtType, TimeSource time) implements ImageOpener {
    @Override
    public void check() {
        Appliance.library();
    }

    @Override
    public GuestFilesystem open(Path image, ImageFormat format, Mode mode, Path work) throws InterruptedException {
        try {
            return GuestfsFiles.open(image.toAbsolutePath(), format, mode, work.toAbsolutePath(), virtType, time);
        } catch (IOException e) {
            throw new DiskException(image, "No temporary folder can be made in " + work + ": " + e, null, e);
        }
    }
}
