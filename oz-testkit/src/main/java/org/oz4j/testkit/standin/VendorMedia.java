package org.oz4j.testkit.standin;

import java.util.List;

import org.oz4j.testkit.standin.StandInInstaller.AnacondaOptions;

/**
 * Layouts of vendors' media for x86_64: where kernel, initial ramdisk and boot configurations lie, what boot entries say, and
 * the files that tell what a medium is. Menus wait a tenth of a second instead of a minute; else their entries and defaults are
 * the vendor's.
 *
 * <p>Sources: the media's own trees, as mirrors show them; lorax' templates (Fedora, Enterprise Linux 8 on), debian-cd's
 * {@code boot/x86}, Ubuntu's {@code debian-cd}, SUSE's {@code installation-images} and {@code agama-installer}, Mageia's
 * {@code draklive2} and {@code drakiso}, Alpine's {@code mkimage.sh}, archiso's {@code releng}, FreeBSD's
 * {@code mkisoimages.sh}.
 */
public final class VendorMedia {
    private static final String ISOLINUX_BIN = "isolinux/isolinux.bin";
    private static final String ISOLINUX_CFG = "isolinux/isolinux.cfg";
    private static final String EFI_CFG = "EFI/BOOT/grub.cfg";

    private VendorMedia() {}

    /**
     * A medium with the whole of a Fedora or of its kin.
     *
     * @param name as in {@code .treeinfo}, such as {@code Red Hat Enterprise Linux}
     * @param label the volume identifier, without spaces
     * @param grub whether GRUB starts it by a BIOS too: Fedora 37, Enterprise Linux 10 and later
     */
    public static StandInMedium anaconda(
            String name, String version, String label, AnacondaOptions options, boolean grub) {
        StandInMedium.Builder medium = StandInMedium.builder(StandInInstaller.anaconda(options, false), label)
                .boots("images/pxeboot/vmlinuz", "images/pxeboot/initrd.img")
                .file(".discinfo", "1700000000.000000\n" + name + " " + version + "\nx86_64\nALL\n")
                .file("media.repo", "[InstallMedia]\nname=" + name + " " + version + "\nmediaid=1700000000\n")
                .file("BaseOS/repodata/repomd.xml", "<repomd/>\n")
                .file("images/install.img", "in the initial ramdisk\n")
                .file(".treeinfo", treeInfo(name, version));
        String menu = grubMenu(
                label,
                "/images/pxeboot/vmlinuz",
                "/images/pxeboot/initrd.img",
                List.of(
                        "Install " + name + " " + version,
                        "inst.stage2=hd:LABEL=" + label + " quiet",
                        "Test this media & install " + name + " " + version,
                        "inst.stage2=hd:LABEL=" + label + " rd.live.check quiet",
                        "Rescue a " + name + " system",
                        "inst.stage2=hd:LABEL=" + label + " inst.rescue quiet"));
        medium.uefi("images/efiboot.img", EFI_CFG, true, menu);
        if (grub) {
            return medium.grub("images/eltorito.img", "boot/grub2/grub.cfg", menu)
                    .build();
        }
        return medium.boots("isolinux/vmlinuz", "isolinux/initrd.img")
                .isolinux(
                        ISOLINUX_BIN,
                        ISOLINUX_CFG,
                        """
                        default vesamenu.c32
                        timeout 1
                        label linux
                          menu label ^Install %1$s
                          kernel vmlinuz
                          append initrd=initrd.img inst.stage2=hd:LABEL=%2$s quiet
                        label check
                          menu label Test this ^media & install %1$s
                          menu default
                          kernel vmlinuz
                          append initrd=initrd.img inst.stage2=hd:LABEL=%2$s rd.live.check quiet
                        label rescue
                          kernel vmlinuz
                          append initrd=initrd.img inst.stage2=hd:LABEL=%2$s inst.rescue quiet
                        """
                                .formatted(name + " " + version, label)
                                .replace("default vesamenu.c32", "default check"))
                .build();
    }

    /**
     * One of the time before dracut.
     *
     * @param oldDisks whether its kernel has no libata
     */
    public static StandInMedium oldAnaconda(String name, String version, String label, boolean oldDisks) {
        return StandInMedium.builder(StandInInstaller.anaconda(AnacondaOptions.PLAIN, oldDisks), label)
                .boots("images/pxeboot/vmlinuz", "images/pxeboot/initrd.img")
                .boots("isolinux/vmlinuz", "isolinux/initrd.img")
                .file(".discinfo", "1300000000.00\n" + name + " " + version + "\nx86_64\n1\n")
                .file("images/stage2.img", "in the initial ramdisk\n")
                .file("repodata/repomd.xml", "<repomd/>\n")
                .file(
                        ".treeinfo",
                        """
                        [general]
                        family = %s
                        timestamp = 1300000000.00
                        totaldiscs = 1
                        version = %s
                        discnum = 1
                        packagedir =
                        arch = x86_64

                        [images-x86_64]
                        kernel = images/pxeboot/vmlinuz
                        initrd = images/pxeboot/initrd.img
                        boot.iso = images/boot.iso
                        """
                                .formatted(name, version))
                .isolinux(
                        ISOLINUX_BIN,
                        ISOLINUX_CFG,
                        """
                        default linux
                        prompt 1
                        timeout 1
                        label linux
                          kernel vmlinuz
                          append initrd=initrd.img
                        label text
                          kernel vmlinuz
                          append initrd=initrd.img text
                        label rescue
                          kernel vmlinuz
                          append initrd=initrd.img rescue
                        label local
                          localboot 1
                        """)
                .build();
    }

    private static String treeInfo(String name, String version) {
        return """
                [general]
                arch = x86_64
                family = %1$s
                name = %1$s %2$s
                platforms = x86_64,xen
                version = %2$s

                [header]
                type = productmd.treeinfo
                version = 1.2

                [images-x86_64]
                efiboot.img = images/efiboot.img
                initrd = images/pxeboot/initrd.img
                kernel = images/pxeboot/vmlinuz

                [release]
                name = %1$s
                short = %1$s
                version = %2$s

                [stage2]
                mainimage = images/install.img

                [tree]
                arch = x86_64
                build_timestamp = 1700000000
                platforms = x86_64,xen
                variants = BaseOS
                """
                .formatted(name, version);
    }

    /** Title, arguments; the second entry is the one that starts by itself, as lorax has it. */
    private static String grubMenu(String label, String kernel, String initrd, List<String> entries) {
        StringBuilder text = new StringBuilder(
                "set default=\"1\"\nset timeout=0\n\nsearch --no-floppy --set=root -l '" + label + "'\n");
        for (int i = 0; i < entries.size(); i += 2) {
            text.append("\nmenuentry '%s' --class os {\n\tlinux %s %s\n\tinitrd %s\n}\n"
                    .formatted(entries.get(i), kernel, entries.get(i + 1), initrd));
        }
        return text.toString();
    }
}
