package org.oz4j;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.config.OzConfig.Network;
import org.oz4j.spi.MachineHints;
import org.oz4j.template.Template;

/**
 * What an install would do, found out with no network and no guest. What a plugin makes of a medium that nobody has
 * looked into yet can differ in details, such as checksums that the medium itself tells.
 *
 * @param template the template
 * @param release the operating system, as in {@code Debian 13}
 * @param machine network card, disk bus, clock, pointing device and least memory that the OS runs well on
 * @param firmware what the machine starts with
 * @param cpus virtual processors
 * @param memoryMiB memory, in MiB
 * @param network how the guest is connected
 * @param disks the images that come of it
 * @param fetches what is fetched
 * @param ways each way to hand over the answers, in the order of preference
 * @param way the way that is taken
 * @param answerFile the answer file, with its secrets masked unless asked for
 * @param reboots how often the guest restarts within the install
 * @param installLimit for the whole install, on a host with KVM; ten times as much without
 * @param inactivityLimit for a guest that does nothing, likewise
 * @param success how the installer says that it succeeded: {@code serial token}, {@code virtio token} or
 *     {@code image check}
 * @param access the ways into the installed system, the cheapest first; it is the one that customising takes:
 *     {@code systemd credentials} or {@code nocloud volume}
 * @param packages what the guest's package manager would be told
 * @param domainXml the libvirt domain of the install
 */
public record Plan(
        Template template,
        String release,
        MachineHints machine,
        Firmware firmware,
        int cpus,
        int memoryMiB,
        Network network,
        List<Disk> disks,
        List<URI> fetches,
        List<Way> ways,
        Way way,
        Answers answerFile,
        int reboots,
        Duration installLimit,
        Duration inactivityLimit,
        String success,
        List<String> access,
        Optional<Packages> packages,
        String domainXml) {
    /** Copies the lists. */
    public Plan {
        disks = List.copyOf(disks);
        fetches = List.copyOf(fetches);
        ways = List.copyOf(ways);
        access = List.copyOf(access);
    }

    /**
     * An image that comes of it.
     *
     * @param path where
     * @param format its format
     * @param bytes its size as the guest sees it
     */
    public record Disk(Path path, ImageFormat format, long bytes) {}

    /**
     * A way to start the installer and to hand it the answers.
     *
     * @param name {@code direct kernel}, {@code answer volume}, {@code floppy} or {@code remastered medium}
     * @param kernel the kernel that is started directly, or whose boot entry is changed
     * @param initrd its initial ramdisk, to which the answer file is added
     * @param arguments the kernel's arguments; of a changed boot entry, those that it gets besides
     * @param volumeLabel the label of the second CD that carries the answer file
     * @param answerPath where the answer file is, in the initial ramdisk, on the CD or floppy, or on the medium
     */
    public record Way(
            String name,
            Optional<String> kernel,
            Optional<String> initrd,
            Optional<String> arguments,
            Optional<String> volumeLabel,
            String answerPath) {}

    /**
     * The answer file.
     *
     * @param name its usual name
     * @param source where the user's own is, which stands in for the one that Oz writes
     * @param content its text; empty where it is the user's own
     * @param append what the template adds
     */
    public record Answers(String name, Optional<URI> source, Optional<String> content, Optional<String> append) {}

    /**
     * What the guest's package manager would be told.
     *
     * @param manager its name
     * @param repositoryFiles the files that add the template's repositories, by path
     * @param commands the commands, each as its words
     */
    public record Packages(String manager, Map<String, String> repositoryFiles, List<List<String>> commands) {
        /** Copies the collections. */
        public Packages {
            repositoryFiles = Map.copyOf(repositoryFiles);
            commands = List.copyOf(commands);
        }
    }
}
