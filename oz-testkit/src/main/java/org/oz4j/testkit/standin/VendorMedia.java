package org.oz4j.testkit.standin;

import java.util.List;

import org.oz4j.testkit.linux.SmallLinux;
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

    // --- Debian and Ubuntu

    /** A Debian disc of the kind {@code netinst}. */
    public static StandInMedium debian(String version, String codename) {
        String isolinux =
                """
                label installgui
                \tmenu label ^Graphical install
                \tmenu default
                \tkernel /install.amd/vmlinuz
                \tappend vga=788 initrd=/install.amd/gtk/initrd.gz --- quiet
                """;
        return StandInMedium.builder(StandInInstaller.debianInstaller(), "Debian " + version + ".0 amd64 n")
                .boots("install.amd/vmlinuz", "install.amd/initrd.gz")
                .file(
                        ".disk/info",
                        "Debian GNU/Linux " + version + ".0 \"" + codename
                                + "\" - Official amd64 NETINST with firmware 20251115-09:14")
                .file(".disk/base_installable", "")
                .file(".disk/cd_type", "full_cd/single\n")
                .file("dists/stable/Release", "Suite: stable\n")
                .file("isolinux/txt.cfg", DEBIAN_TXT_CFG)
                .file("isolinux/gtk.cfg", isolinux)
                .isolinux(
                        ISOLINUX_BIN,
                        ISOLINUX_CFG,
                        "# D-I config version 2.0\npath\ninclude gtk.cfg\ninclude txt.cfg\ndefault installgui\nprompt 0\ntimeout 1\n")
                .uefi(
                        "boot/grub/efi.img",
                        "boot/grub/grub.cfg",
                        false,
                        """
                        set default=1
                        set timeout=0
                        menuentry --hotkey=g 'Graphical install' {
                            set background_color=black
                            linux    /install.amd/vmlinuz vga=788 --- quiet
                            initrd   /install.amd/gtk/initrd.gz
                        }
                        menuentry --hotkey=i 'Install' {
                            set background_color=black
                            linux    /install.amd/vmlinuz vga=788 --- quiet
                            initrd   /install.amd/initrd.gz
                        }
                        """)
                .build();
    }

    private static final String DEBIAN_TXT_CFG =
            """
            label install
            \tmenu label ^Install
            \tkernel /install.amd/vmlinuz
            \tappend vga=788 initrd=/install.amd/initrd.gz --- quiet
            """;

    /**
     * A mirror of Debian or Ubuntu, as far as an installer of the network looks at it.
     *
     * @param codename of the release
     * @param family {@code debian} or {@code ubuntu}
     */
    public static StandInMedium debianMirror(String codename, String family) {
        String images =
                "dists/" + codename + "/main/installer-amd64/current/images/netboot/" + family + "-installer/amd64/";
        return StandInMedium.builder(StandInInstaller.debianInstaller(), "no volume")
                .boots(images + "linux", images + "initrd.gz")
                .file("dists/" + codename + "/Release", "Codename: " + codename + "\n")
                .build();
    }

    /** An Ubuntu disc with Debian's installer. */
    public static StandInMedium ubuntuServer(String version, String name) {
        return StandInMedium.builder(StandInInstaller.debianInstaller(), "Ubuntu-Server " + version + " LTS amd64")
                .boots("install/vmlinuz", "install/initrd.gz")
                .file(".disk/info", "Ubuntu-Server " + version + " LTS \"" + name + "\" - Release amd64 (20210915)")
                .file(".disk/base_installable", "")
                .isolinux(
                        ISOLINUX_BIN,
                        ISOLINUX_CFG,
                        """
                        default install
                        label install
                          menu label ^Install Ubuntu Server
                          kernel /install/vmlinuz
                          append  file=/cdrom/preseed/ubuntu-server.seed vga=788 initrd=/install/initrd.gz quiet ---
                        prompt 0
                        timeout 1
                        """)
                .build();
    }

    /** An Ubuntu disc of the kind {@code live-server}. */
    public static StandInMedium ubuntuLive(String version, String name) {
        String menu =
                """
                set timeout=0

                menuentry "Try or Install Ubuntu Server" {
                \tset gfxpayload=keep
                \tlinux\t/casper/vmlinuz  ---
                \tinitrd\t/casper/initrd
                }
                menuentry "Ubuntu Server with the HWE kernel" {
                \tset gfxpayload=keep
                \tlinux\t/casper/hwe-vmlinuz  ---
                \tinitrd\t/casper/hwe-initrd
                }
                """;
        return StandInMedium.builder(StandInInstaller.subiquity(), "Ubuntu-Server " + version + " LTS amd64")
                .boots("casper/vmlinuz", "casper/initrd")
                .file(".disk/info", "Ubuntu-Server " + version + " LTS \"" + name + "\" - Release amd64 (20250805.1)")
                .file(
                        "casper/install-sources.yaml",
                        """
                        - default: true
                          description:
                            en: This version has been customized to have a small runtime footprint.
                          id: ubuntu-server-minimal
                          locale_support: locale-only
                          name:
                            en: Ubuntu Server (minimized)
                          path: ubuntu-server-minimal.squashfs
                          size: 0
                          type: fsimage-layered
                          variant: server
                        """)
                .grub("boot/grub/i386-pc/eltorito.img", "boot/grub/grub.cfg", menu)
                .uefi("boot/grub/efi.img", "boot/grub/grub.cfg", false, menu)
                .build();
    }

    // --- SUSE

    /**
     * A medium that YaST installs from, and a tree of the same.
     *
     * @param product as {@code media.1/products} has it, such as {@code openSUSE-Leap}
     * @param label the volume identifier
     */
    public static StandInMedium yast(String product, String version, String label) {
        String loader = "boot/x86_64/loader/";
        return StandInMedium.builder(StandInInstaller.linuxrc(), label)
                .boots(loader + "linux", loader + "initrd")
                .file("media.1/media", product + " - " + product + "-" + version + "-x86_64-Media\n1\n")
                .file("media.1/products", "/ " + product + " " + version + "-1\n")
                .isolinux(
                        loader + "isolinux.bin",
                        loader + "isolinux.cfg",
                        """
                        default harddisk

                        # hard disk
                        label harddisk
                          localboot 1

                        # install
                        label linux
                          kernel linux
                          append initrd=initrd splash=silent showopts

                        # upgrade
                        label upgrade
                          kernel linux
                          append initrd=initrd upgrade=1 splash=silent showopts

                        # rescue
                        label rescue
                          kernel linux
                          append initrd=initrd rescue=1 splash=silent showopts

                        implicit 1
                        prompt 1
                        timeout 1
                        """)
                .uefi(
                        "boot/x86_64/efi",
                        EFI_CFG,
                        true,
                        """
                        timeout=0
                        default=0
                        search --no-floppy --set=root --file /media.1/products

                        menuentry "Boot from Hard Disk" --class opensuse --class gnu-linux --class gnu --class os {
                          exit
                        }

                        menuentry "Installation" --class opensuse --class gnu-linux --class gnu --class os {
                          set gfxpayload=keep
                          echo 'Loading kernel ...'
                          linux /boot/x86_64/loader/linux splash=silent
                          echo 'Loading initial ramdisk ...'
                          initrd /boot/x86_64/loader/initrd
                        }

                        menuentry "Upgrade" --class opensuse --class gnu-linux --class gnu --class os {
                          set gfxpayload=keep
                          linux /boot/x86_64/loader/linux splash=silent upgrade=1
                          initrd /boot/x86_64/loader/initrd
                        }
                        """)
                .build();
    }

    /**
     * A medium that Agama installs from.
     *
     * @param title of its first entry
     * @param label the volume identifier
     */
    public static StandInMedium agama(String title, String label) {
        String menu =
                """
                set default=0
                set timeout=0
                search --no-floppy --set=root --file /LiveOS/squashfs.img

                menuentry "Install %1$s" --class os {
                    set gfxpayload=keep
                    echo Loading kernel...
                    linux ($root)/boot/x86_64/loader/linux root=live:CDLABEL=%2$s rd.live.image quiet
                    echo Loading initrd...
                    initrd ($root)/boot/x86_64/loader/initrd
                }
                menuentry "Check Installation Medium" --class os {
                    linux ($root)/boot/x86_64/loader/linux root=live:CDLABEL=%2$s rd.live.image mediacheck=1 plymouth.enable=0
                    initrd ($root)/boot/x86_64/loader/initrd
                }
                """
                        .formatted(title, label);
        return StandInMedium.builder(StandInInstaller.agama(), label)
                .boots("boot/x86_64/loader/linux", "boot/x86_64/loader/initrd")
                .file("LiveOS/squashfs.img", "in the initial ramdisk\n")
                .grub("boot/x86_64/loader/eltorito.img", "boot/grub2/grub.cfg", menu)
                .uefi("boot/x86_64/efi", "boot/grub2/grub.cfg", false, menu)
                .build();
    }

    // --- Mandriva and Mageia

    /** A Mageia medium for x86_64 alone. */
    public static StandInMedium mageia(String version) {
        return StandInMedium.builder(StandInInstaller.drakx(true), "Mageia-" + version + "-x86_64")
                .boots("isolinux/x86_64/vmlinuz", "isolinux/x86_64/all.rdz")
                .file("VERSION", "Mageia " + version + " Official x86_64-download 20230828 12:00\n")
                .file("x86_64/VERSION", "Mageia " + version + " Official x86_64-download 20230828 12:00\n")
                .isolinux(
                        ISOLINUX_BIN,
                        ISOLINUX_CFG,
                        """
                        default linux
                        prompt 1
                        timeout 1
                        label linux
                          kernel x86_64/vmlinuz
                          append initrd=x86_64/all.rdz splash quiet noiswmd audit=0
                        label rescue
                          kernel x86_64/vmlinuz
                          append initrd=x86_64/all.rdz rescue audit=0
                        """)
                .build();
    }

    /** A Mandriva medium, whose tree is in a folder. */
    public static StandInMedium mandriva(String version) {
        return StandInMedium.builder(StandInInstaller.drakx(false), "Mandriva-" + version)
                .boots("x86_64/isolinux/alt0/vmlinuz", "x86_64/isolinux/alt0/all.rdz")
                .file(
                        "x86_64/product.id",
                        "vendor=Mandriva,distribution=Mandriva Linux,type=basic,version=" + version
                                + ",branch=Official,arch=x86_64,product=Free\n")
                .file("x86_64/VERSION", "Mandriva Linux " + version + " Free-x86_64 20071001 12:00\n")
                .isolinux(
                        "x86_64/isolinux/isolinux.bin",
                        "x86_64/isolinux/isolinux.cfg",
                        """
                        default linux
                        prompt 1
                        timeout 1
                        label linux
                          kernel alt0/vmlinuz
                          append initrd=alt0/all.rdz automatic=method:cdrom vga=788 splash=silent
                        label rescue
                          kernel alt0/vmlinuz
                          append initrd=alt0/all.rdz rescue vga=788
                        """)
                .build();
    }

    // --- others

    /** Alpine's medium of the kind {@code standard}. */
    public static StandInMedium alpine(String version) {
        return StandInMedium.builder(StandInInstaller.tinyCloud(), "alpine-std " + version + ".0 x86_64")
                .boots("boot/vmlinuz-lts", "boot/initramfs-lts")
                .file(".alpine-release", "alpine-standard-" + version + ".0 250530\n")
                .isolinux(
                        "boot/syslinux/isolinux.bin",
                        "boot/syslinux/syslinux.cfg",
                        """
                        TIMEOUT 1
                        PROMPT 1
                        DEFAULT lts

                        LABEL lts
                        MENU LABEL Linux lts
                        KERNEL /boot/vmlinuz-lts
                        INITRD /boot/initramfs-lts
                        APPEND modules=loop,squashfs,sd-mod,usb-storage quiet
                        """)
                .uefi(
                        "boot/grub/efi.img",
                        "boot/grub/grub.cfg",
                        false,
                        """
                        set timeout=0

                        menuentry "Linux lts" {
                        linux\t/boot/vmlinuz-lts modules=loop,squashfs,sd-mod,usb-storage quiet
                        initrd\t/boot/initramfs-lts
                        }
                        """)
                .build();
    }

    /** Arch Linux' monthly medium; GRUB stands in for systemd-boot. */
    public static StandInMedium arch(String day) {
        String label = "ARCH_" + day.substring(0, 7).replace(".", "");
        String arguments = "archisobasedir=arch archisosearchuuid=2025-11-01-12-00-00-00";
        return StandInMedium.builder(StandInInstaller.archiso(), label)
                .boots("arch/boot/x86_64/vmlinuz-linux", "arch/boot/x86_64/initramfs-linux.img")
                .file("arch/version", day + "\n")
                .isolinux(
                        "boot/syslinux/isolinux.bin",
                        "boot/syslinux/syslinux.cfg",
                        """
                        DEFAULT arch
                        TIMEOUT 1
                        LABEL arch
                        MENU LABEL Arch Linux install medium (x86_64, BIOS)
                        LINUX /arch/boot/x86_64/vmlinuz-linux
                        INITRD /arch/boot/x86_64/initramfs-linux.img
                        APPEND %s
                        """
                                .formatted(arguments))
                .uefi(
                        "boot/efi.img",
                        "boot/grub/grub.cfg",
                        false,
                        """
                        timeout=0
                        menuentry "Arch Linux install medium (x86_64, UEFI)" {
                            linux /arch/boot/x86_64/vmlinuz-linux %s
                            initrd /arch/boot/x86_64/initramfs-linux.img
                        }
                        """
                                .formatted(arguments))
                .build();
    }

    /** FreeBSD's disc1; its loader's files are there, and ISOLINUX and GRUB stand in for what reads them. */
    public static StandInMedium freeBsd(String version) {
        return StandInMedium.builder(StandInInstaller.bsdinstall(), version.replace('.', '_') + "_RELEASE_AMD64_CD")
                .boots("boot/kernel/kernel", "boot/mfsroot.gz")
                .file("boot/loader.conf", "vfs.mountroot.timeout=\"10\"\nkernels_autodetect=\"NO\"\n")
                .file("etc/rc.local", "#!/bin/sh\n# starts the installer\n")
                .file("usr/freebsd-dist/MANIFEST", "base.txz\n")
                .file("usr/freebsd-dist/base.txz", "in the initial ramdisk\n")
                .file("usr/freebsd-dist/kernel.txz", "in the initial ramdisk\n")
                .isolinux("boot/cdboot", "boot/isolinux/isolinux.cfg", linux("/boot/kernel/kernel", "/boot/mfsroot.gz"))
                .uefi("boot/efi.img", "boot/grub.cfg", false, grub("/boot/kernel/kernel", "/boot/mfsroot.gz"))
                .build();
    }

    /** OpenBSD's install CD; ISOLINUX stands in for its loader. */
    public static StandInMedium openBsd(String version) {
        String folder = version + "/amd64/";
        String number = version.replace(".", "");
        return StandInMedium.builder(StandInInstaller.openBsd(version), "OpenBSD/amd64     " + version + " Install CD")
                .boots(folder + "bsd.rd", folder + "initrd")
                .file("etc/boot.conf", "set image /" + folder + "bsd.rd\n")
                .file(folder + "base" + number + ".tgz", "in the initial ramdisk\n")
                .file(folder + "INSTALL.amd64", "INSTALLATION NOTES for OpenBSD/amd64 " + version + "\n")
                .file(folder + "SHA256.sig", "untrusted comment: verify with openbsd-" + number + "-base.pub\n")
                .isolinux(
                        folder + "cdbr",
                        "isolinux/isolinux.cfg",
                        linux("/" + folder + "bsd.rd", "/" + folder + "initrd"))
                .build();
    }

    /** A Windows medium since Vista; our kernel has the name of Windows PE's image. */
    public static StandInMedium windows(String label) {
        return StandInMedium.builder(StandInInstaller.windowsSetup(), label)
                .boots("sources/boot.wim", "boot/boot.sdi")
                .file("sources/install.wim", "in the initial ramdisk\n")
                .file(
                        "sources/lang.ini",
                        "[Available UI Languages]\r\nen-US = 3\r\n\r\n[Fallback Languages]\r\nen-US = en-us\r\n")
                .file("setup.exe", "")
                .file("bootmgr", "")
                .file("bootmgr.efi", "")
                .file("boot/bcd", "")
                .isolinux(
                        "boot/etfsboot.com", "boot/isolinux/isolinux.cfg", linux("/sources/boot.wim", "/boot/boot.sdi"))
                .uefi(
                        "efi/microsoft/boot/efisys.bin",
                        "boot/grub.cfg",
                        false,
                        grub("/sources/boot.wim", "/boot/boot.sdi"))
                .build();
    }

    /** A medium of Windows XP for x86_64. */
    public static StandInMedium windowsXp() {
        return StandInMedium.builder(StandInInstaller.winnt(), "ARMPXFPP_EN")
                .boots("amd64/ntkrnlmp.ex_", "amd64/setupdd.sy_")
                .file("WIN51", "Windows\r\n")
                .file("WIN51AP", "Windows\r\n")
                .file(
                        "amd64/txtsetup.sif",
                        "[SetupData]\r\nMajorVersion = 5\r\nMinorVersion = 2\r\nProductName = \"Windows XP Professional x64 Edition\"\r\n")
                .file("amd64/setupldr.bin", "")
                .isolinux(
                        "amd64/etfsboot.com",
                        "isolinux/isolinux.cfg",
                        linux("/amd64/ntkrnlmp.ex_", "/amd64/setupdd.sy_"))
                .build();
    }

    /** The loader's own configuration, where that of the vendor is none of Linux'. */
    private static String linux(String kernel, String initrd) {
        return """
                default only
                prompt 0
                timeout 1
                label only
                  linux %s
                  initrd %s
                  append %s
                """
                .formatted(kernel, initrd, SmallLinux.KERNEL_ARGUMENTS);
    }

    private static String grub(String kernel, String initrd) {
        return """
                set timeout=0
                menuentry "Only" {
                    linux %s %s
                    initrd %s
                }
                """
                .formatted(kernel, SmallLinux.KERNEL_ARGUMENTS, initrd);
    }

    // --- what they share

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
