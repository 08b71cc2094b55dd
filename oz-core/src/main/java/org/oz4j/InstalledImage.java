package org.oz4j;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A disk image on which an installer succeeded.
 *
 * @param name the template's name
 * @param os the installed system, as in {@code Debian 13}
 * @param arch the guest's architecture
 * @param disk the image file of the disk that was installed on
 * @param furtherDisks the image files of the template's further disks
 * @param format the image's format
 * @param virtualSize the disk's size as the guest sees it, in bytes
 * @param firmware what the image boots under
 * @param domainXml a libvirt domain that boots the image, as a file beside it
 * @param took how long the build took
 */
public record InstalledImage(
        String name,
        String os,
        Arch arch,
        Path disk,
        List<Path> furtherDisks,
        ImageFormat format,
        long virtualSize,
        Firmware firmware,
        Path domainXml,
        Duration took) {
    /** Copies the list. */
    public InstalledImage {
        furtherDisks = List.copyOf(furtherDisks);
    }

    /** The same image, after a build that took so long. */
    public InstalledImage withTook(Duration time) {
        return new InstalledImage(name, os, arch, disk, furtherDisks, format, virtualSize, firmware, domainXml, time);
    }
}
