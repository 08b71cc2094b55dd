package org.oz4j.os.preseed;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.template.Template.InstallType;

/**
 * The installer of one release.
 *
 * @param family whose it is
 * @param codename the release's name in archives
 * @param generation how it asks
 * @param hardware what its kernel runs well on, on x86
 * @param archived whether the vendor's mirrors have it no more, but their archive of old releases
 * @param keysExpired whether the keys are out of date that sign its packages, so that apt takes none of them
 * @param virtioPorts whether its netboot image has the driver of virtio's serial ports ({@code virtio_console})
 */
public record Installer(
        Family family,
        String codename,
        Generation generation,
        Hardware hardware,
        boolean archived,
        boolean keysExpired,
        boolean virtioPorts) {

    /** How it says that it succeeded. */
    SuccessSignal signal(Arch arch) {
        return SerialPorts.signal(arch, virtioPorts);
    }

    /** Where a tree tells the sums of its boot files, and what changes with every update of the release. */
    public List<String> probe(Set<Arch> arches, Set<InstallType> types) {
        if (!types.contains(InstallType.URL)) {
            return List.of();
        }
        return Stream.concat(
                        arches.stream().sorted().map(arch -> images(Port.of(arch)) + "SHA256SUMS"),
                        // Release changes with every point release, so that no older image is taken for the same
                        Stream.of("dists/" + codename + "/Release"))
                .toList();
    }

    String images(Port port) {
        return "dists/" + codename + "/main/installer-" + port.name() + "/current/images/";
    }

    /** The kernel's path in a tree's folder of images. */
    String kernel(Port port) {
        return named(port.folder() + port.kernel());
    }

    /** The initial ramdisk's path in a tree's folder of images. */
    String initrd(Port port) {
        return named(port.folder() + port.initrd());
    }

    private String named(String path) {
        boolean subarch = family == Family.UBUNTU && path.startsWith("netboot/v"); // armhf has one more folder there
        return (subarch ? "generic/" : "") + path.replace("FAMILY", family.lowerCase());
    }

    /** The boot files on a disc. */
    Port.Disc disc(Port port) {
        if (family == Family.DEBIAN) {
            return port.disc();
        }
        return port.name().equals("s390x")
                ? new Port.Disc("boot/kernel.ubuntu", "boot/initrd.ubuntu")
                : Port.Disc.in("install");
    }
}
