package org.oz4j.it;

import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.Stream;

import org.oz4j.Firmware;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.MediaRecipe.KernelAndVolume;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsPlugin;
import org.oz4j.template.Template.InstallType;
import org.oz4j.testkit.standin.StandInInstaller.AnacondaOptions;
import org.oz4j.testkit.standin.StandInMedium;
import org.oz4j.testkit.standin.VendorMedia;

import static org.oz4j.Firmware.BIOS;
import static org.oz4j.Firmware.UEFI;
import static org.oz4j.template.Template.InstallType.ISO;
import static org.oz4j.template.Template.InstallType.URL;

/**
 * A release, and a way to install it.
 *
 * @param os its name
 * @param version its version
 * @param type what it is installed from
 * @param firmware what the machine starts with
 * @param recipe the way in which the answers come
 * @param place where the installer finds them
 * @param medium the stand-in
 * @param isLong whether it is left out where time is short
 */
record StandInCase(
        String os,
        String version,
        InstallType type,
        Firmware firmware,
        Class<? extends MediaRecipe> recipe,
        String place,
        StandInMedium medium,
        boolean isLong) {
    private static final String KS_LABEL = "/dev/disk/by-label/OEMDRV:ks.cfg";

    private static final String CIDATA = "/dev/disk/by-label/cidata:user-data";
    private static final String AUTOINST_LABEL = "/dev/disk/by-label/OEMDRV:autoinst.json";
    private static final String LIVE = "/run/initramfs/live/";
    private static final String SECOND_CD = "sr1:autounattend.xml";

    static Stream<StandInCase> all() {
        StandInMedium el5 = VendorMedia.oldAnaconda("CentOS", "5.3", "CentOS_5.3_Final", true);
        StandInMedium rhel5 =
                VendorMedia.oldAnaconda("Red Hat Enterprise Linux Server", "5.3", "RHEL_5.3_x86_64_DVD", true);
        StandInMedium el6 = VendorMedia.oldAnaconda("CentOS", "6.10", "CentOS_6.10_Final", false);
        StandInMedium el8 =
                VendorMedia.anaconda("AlmaLinux", "8.10", "AlmaLinux-8-10-x86_64-dvd", AnacondaOptions.BOTH, false);
        StandInMedium fedora =
                VendorMedia.anaconda("Fedora", "44", "Fedora-S-dvd-x86_64-44", AnacondaOptions.PREFIXED, true);
        StandInMedium debian = VendorMedia.debian("13.2", "Trixie");
        StandInMedium debian12 = VendorMedia.debian("12.12", "Bookworm");
        StandInMedium mirror = VendorMedia.debianMirror("trixie", "debian");
        StandInMedium bionic = VendorMedia.ubuntuServer("18.04.6", "Bionic Beaver");
        StandInMedium bionicMirror = VendorMedia.debianMirror("bionic", "ubuntu");
        StandInMedium jammy = VendorMedia.ubuntuLive("22.04.5", "Jammy Jellyfish");
        StandInMedium noble = VendorMedia.ubuntuLive("24.04.3", "Noble Numbat");
        StandInMedium leap = VendorMedia.yast("openSUSE-Leap", "15.6", "openSUSE-Leap-15.6-DVD-x86_64");
        StandInMedium sles = VendorMedia.agama("SUSE Linux Enterprise Server 16.0", "Install-SUSE-SLE-16.0-x86_64");
        StandInMedium alpine = VendorMedia.alpine("3.22");
        StandInMedium arch = VendorMedia.arch("2025.11.01");
        StandInMedium freeBsd = VendorMedia.freeBsd("14.3");
        StandInMedium openBsd = VendorMedia.openBsd("7.8");
        return Stream.of(
                core("CentOS-5", "U3", ISO, BIOS, DirectKernel.class, "initrd:/ks.cfg", el5),
                core("CentOS-5", "U3", ISO, BIOS, RemasteredIso.class, "cdrom:/ks.cfg", el5)
                        .later(),
                core("CentOS-5", "U3", URL, BIOS, DirectKernel.class, "initrd:/ks.cfg", el5)
                        .later(),
                core("RHEL-5", "U3", ISO, BIOS, DirectKernel.class, "initrd:/ks.cfg", rhel5)
                        .later(),
                core("RHEL-5", "U3", ISO, BIOS, RemasteredIso.class, "cdrom:/ks.cfg", rhel5)
                        .later(),
                core("RHEL-5", "U3", URL, BIOS, DirectKernel.class, "initrd:/ks.cfg", rhel5)
                        .later(),
                core("CentOS-6", "10", ISO, BIOS, DirectKernel.class, "initrd:/ks.cfg", el6)
                        .later(),
                core("CentOS-6", "10", ISO, BIOS, RemasteredIso.class, "cdrom:/ks.cfg", el6),
                core("CentOS-6", "10", URL, BIOS, DirectKernel.class, "initrd:/ks.cfg", el6)
                        .later(),
                core("AlmaLinux", "8", ISO, BIOS, AnswerVolume.class, KS_LABEL, el8),
                core("AlmaLinux", "8", ISO, UEFI, RemasteredIso.class, "cdrom:/ks.cfg", el8),
                core("AlmaLinux", "8", ISO, BIOS, RemasteredIso.class, "cdrom:/ks.cfg", el8)
                        .later(),
                core("AlmaLinux", "8", ISO, BIOS, DirectKernel.class, "initrd:/ks.cfg", el8)
                        .later(),
                core("AlmaLinux", "8", URL, BIOS, DirectKernel.class, "initrd:/ks.cfg", el8)
                        .later(),
                core("Fedora", "44", ISO, UEFI, AnswerVolume.class, KS_LABEL, fedora),
                core("Fedora", "44", ISO, BIOS, RemasteredIso.class, "cdrom:/ks.cfg", fedora)
                        .later(),
                core("Fedora", "44", ISO, UEFI, RemasteredIso.class, "cdrom:/ks.cfg", fedora)
                        .later(),
                core("Fedora", "44", ISO, BIOS, DirectKernel.class, "initrd:/ks.cfg", fedora)
                        .later(),
                core("Fedora", "44", URL, BIOS, DirectKernel.class, "initrd:/ks.cfg", fedora),
                core("Fedora", "44", URL, UEFI, DirectKernel.class, "initrd:/ks.cfg", fedora)
                        .later(),
                core("Debian", "13", ISO, BIOS, DirectKernel.class, "initrd:/preseed.cfg", debian)
                        .later(),
                core("Debian", "13", ISO, BIOS, RemasteredIso.class, "/cdrom/preseed.cfg", debian)
                        .later(),
                core("Debian", "13", ISO, UEFI, RemasteredIso.class, "/cdrom/preseed.cfg", debian),
                core("Debian", "12", ISO, BIOS, DirectKernel.class, "initrd:/preseed.cfg", debian12)
                        .later(),
                core("Debian", "12", ISO, BIOS, RemasteredIso.class, "/cdrom/preseed.cfg", debian12)
                        .later(),
                core("Debian", "13", URL, BIOS, DirectKernel.class, "initrd:/preseed.cfg", mirror),
                core("Debian", "13", URL, UEFI, DirectKernel.class, "initrd:/preseed.cfg", mirror)
                        .later(),
                core("Ubuntu", "18.04", ISO, BIOS, DirectKernel.class, "initrd:/preseed.cfg", bionic)
                        .later(),
                core("Ubuntu", "18.04", ISO, BIOS, RemasteredIso.class, "/cdrom/preseed.cfg", bionic)
                        .later(),
                core("Ubuntu", "18.04", URL, BIOS, DirectKernel.class, "initrd:/preseed.cfg", bionicMirror)
                        .later(),
                core("Ubuntu", "22.04", ISO, BIOS, KernelAndVolume.class, CIDATA, jammy)
                        .later(),
                core("Ubuntu", "22.04", ISO, BIOS, RemasteredIso.class, "/cdrom/nocloud/user-data", jammy)
                        .later(),
                core("Ubuntu", "24.04", ISO, BIOS, KernelAndVolume.class, CIDATA, noble),
                core("Ubuntu", "24.04", ISO, UEFI, KernelAndVolume.class, CIDATA, noble)
                        .later(),
                core("Ubuntu", "24.04", ISO, BIOS, RemasteredIso.class, "/cdrom/nocloud/user-data", noble)
                        .later(),
                core("Ubuntu", "24.04", ISO, UEFI, RemasteredIso.class, "/cdrom/nocloud/user-data", noble),
                core("OpenSUSE", "15.6", ISO, BIOS, DirectKernel.class, "initrd:/autoinst.xml", leap)
                        .later(),
                core("OpenSUSE", "15.6", ISO, BIOS, RemasteredIso.class, "cdrom:/autoinst.xml", leap),
                core("OpenSUSE", "15.6", ISO, UEFI, RemasteredIso.class, "cdrom:/autoinst.xml", leap)
                        .later(),
                core("OpenSUSE", "15.6", URL, BIOS, DirectKernel.class, "initrd:/autoinst.xml", leap),
                core("SLES", "16.0", ISO, BIOS, AnswerVolume.class, AUTOINST_LABEL, sles),
                core("SLES", "16.0", ISO, UEFI, AnswerVolume.class, AUTOINST_LABEL, sles)
                        .later(),
                core("SLES", "16.0", ISO, BIOS, DirectKernel.class, "/run/oz-autoinst.json", sles),
                core("SLES", "16.0", ISO, BIOS, RemasteredIso.class, LIVE + "autoinst.json", sles)
                        .later(),
                core("SLES", "16.0", ISO, UEFI, RemasteredIso.class, LIVE + "autoinst.json", sles),
                core(
                                "Mandriva",
                                "2008.0",
                                ISO,
                                BIOS,
                                RemasteredIso.class,
                                "auto_inst.cfg",
                                VendorMedia.mandriva("2008.0"))
                        .later(),
                core(
                        "Mageia",
                        "9",
                        ISO,
                        BIOS,
                        RemasteredIso.class,
                        "/tmp/media/auto_inst.cfg",
                        VendorMedia.mageia("9")),
                core("Alpine", "3.22", ISO, BIOS, AnswerVolume.class, CIDATA, alpine)
                        .later(),
                core("Alpine", "3.22", ISO, UEFI, AnswerVolume.class, CIDATA, alpine),
                core("Arch", "rolling", ISO, BIOS, AnswerVolume.class, CIDATA, arch),
                core("Arch", "rolling", ISO, UEFI, AnswerVolume.class, CIDATA, arch)
                        .later(),
                core("FreeBSD", "14.3", ISO, BIOS, RemasteredIso.class, "/etc/installerconfig", freeBsd),
                core("FreeBSD", "14.3", ISO, UEFI, RemasteredIso.class, "/etc/installerconfig", freeBsd)
                        .later(),
                core(
                                "FreeBSD",
                                "12.4",
                                ISO,
                                BIOS,
                                RemasteredIso.class,
                                "/etc/installerconfig",
                                VendorMedia.freeBsd("12.4"))
                        .later(),
                core(
                                "FreeBSD",
                                "12.4",
                                ISO,
                                UEFI,
                                RemasteredIso.class,
                                "/etc/installerconfig",
                                VendorMedia.freeBsd("12.4"))
                        .later(),
                core("OpenBSD", "7.8", ISO, BIOS, RemasteredIso.class, "/oz/install.conf", openBsd),
                core("Windows", "XP", ISO, BIOS, Floppy.class, "A:winnt.sif", VendorMedia.windowsXp()),
                core(
                        "Windows",
                        "7",
                        ISO,
                        BIOS,
                        AnswerVolume.class,
                        SECOND_CD,
                        VendorMedia.windows("GRMCPRXFRER_EN_DVD")),
                core(
                        "Windows",
                        "11",
                        ISO,
                        UEFI,
                        AnswerVolume.class,
                        SECOND_CD,
                        VendorMedia.windows("CCCOMA_X64FRE_EN-US")));
    }

    private static StandInCase core(
            String os,
            String version,
            InstallType type,
            Firmware firmware,
            Class<? extends MediaRecipe> recipe,
            String place,
            StandInMedium medium) {
        return new StandInCase(os, version, type, firmware, recipe, place, medium, false);
    }

    /** The same, left out where time is short. */
    StandInCase later() {
        return new StandInCase(os, version, type, firmware, recipe, place, medium, true);
    }

    OsPlugin plugin() {
        return ServiceLoader.load(OsPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(plugin -> plugin.releases().stream()
                        .anyMatch(release ->
                                release.os().equals(os) && release.version().equals(version)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public String toString() {
        return os + "-" + version + "-" + type.toString().toLowerCase(Locale.ROOT) + "-" + firmware + "-"
                + recipe.getSimpleName();
    }
}
