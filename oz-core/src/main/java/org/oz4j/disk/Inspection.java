package org.oz4j.disk;

/**
 * What an image's operating system is, in libguestfs' own words; a text is empty where it is not known.
 *
 * @param root the file system that holds its root, such as {@code /dev/sda1}
 * @param type such as {@code linux}
 * @param distro such as {@code debian}
 * @param product the name it gives itself
 * @param major its version; 0 where it is not known
 * @param minor likewise
 * @param packageFormat such as {@code deb}
 * @param packageManagement such as {@code apt}
 * @param arch such as {@code x86_64}
 */
public record Inspection(
        String root,
        String type,
        String distro,
        String product,
        int major,
        int minor,
        String packageFormat,
        String packageManagement,
        String arch) {}
