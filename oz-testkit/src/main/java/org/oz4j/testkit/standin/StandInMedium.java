package org.oz4j.testkit.standin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a medium looks like from outside: an ISO image, or a tree of files on a server.
 *
 * @param installer what its kernel starts
 * @param label its volume identifier
 * @param kernels each path of the kernel
 * @param initrds each path of the initial ramdisk
 * @param bios what starts it by a BIOS
 * @param uefi what starts it by UEFI
 * @param files its other files, by path
 */
public record StandInMedium(
        StandInInstaller installer,
        String label,
        List<String> kernels,
        List<String> initrds,
        Optional<BiosLoader> bios,
        Optional<UefiLoader> uefi,
        Map<String, String> files) {
    /** Copies the collections. */
    public StandInMedium {
        kernels = List.copyOf(kernels);
        initrds = List.copyOf(initrds);
        files = Map.copyOf(files);
    }

    /**
     * A boot loader for a BIOS.
     *
     * @param image its path
     * @param configuration the path of its configuration, which is one of the medium's files
     * @param grub whether it is GRUB; else it is ISOLINUX, which looks for its configuration in {@code boot/isolinux},
     *     {@code isolinux}, {@code boot/syslinux}, {@code syslinux} and the root
     */
    public record BiosLoader(String image, String configuration, boolean grub) {}

    /**
     * GRUB for UEFI, in an image of a FAT file system.
     *
     * @param image the image's path
     * @param configuration the path of its configuration, which is one of the medium's files
     * @param inside whether a copy of the configuration in the image, in {@code EFI/BOOT}, is what GRUB reads
     */
    public record UefiLoader(String image, String configuration, boolean inside) {}

    /** Begins a medium. */
    public static Builder builder(StandInInstaller installer, String label) {
        return new Builder(installer, label);
    }

    /** Collects what is on a medium. */
    public static final class Builder {
        private final StandInInstaller installer;
        private final String label;
        private final List<String> kernels = new ArrayList<>();
        private final List<String> initrds = new ArrayList<>();
        private final Map<String, String> files = new TreeMap<>();
        private Optional<BiosLoader> bios = Optional.empty();
        private Optional<UefiLoader> uefi = Optional.empty();

        private Builder(StandInInstaller installer, String label) {
            this.installer = installer;
            this.label = label;
        }

        /** Kernel and initial ramdisk, at a further place. */
        public Builder boots(String kernel, String initrd) {
            kernels.add(kernel);
            initrds.add(initrd);
            return this;
        }

        /** Boots by a BIOS through ISOLINUX. */
        public Builder isolinux(String image, String configuration, String text) {
            bios = Optional.of(new BiosLoader(image, configuration, false));
            return file(configuration, text);
        }

        /** Boots by a BIOS through GRUB. */
        public Builder grub(String image, String configuration, String text) {
            bios = Optional.of(new BiosLoader(image, configuration, true));
            return file(configuration, text);
        }

        /** Boots by UEFI through GRUB. */
        public Builder uefi(String image, String configuration, boolean inside, String text) {
            uefi = Optional.of(new UefiLoader(image, configuration, inside));
            return file(configuration, text);
        }

        /** A text file. */
        public Builder file(String path, String text) {
            files.put(path, text);
            return this;
        }

        /** The medium. */
        public StandInMedium build() {
            return new StandInMedium(installer, label, kernels, initrds, bios, uefi, files);
        }
    }
}
